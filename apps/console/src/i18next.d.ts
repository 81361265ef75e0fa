/**
 * Tells i18next what the English catalogue holds, so that a key that does not exist fails to compile.
 * Declarations only.
 */
import type en from './locales/en.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    returnNull: false
    resources: { translation: typeof en }
  }
}
