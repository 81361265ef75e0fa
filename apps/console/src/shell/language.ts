/**
 * The reader's language: chosen once from the browser, remembered when it is changed, and known to the document
 * (`lang`), to i18next and to `Intl`. The catalogues are part of the build, so a switch needs no request.
 */
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import en from '../locales/en.json' with { type: 'json' }
import ja from '../locales/ja.json' with { type: 'json' }

/** The languages there are, each under its own name. */
export const languages = { en: 'English', ja: '日本語' } as const
export type Language = keyof typeof languages

const storageKey = 'coreward.language'

/** The first of `wanted` (BCP 47 tags, best first) that there is a catalogue for; English when there is none. */
export function chooseLanguage(wanted: readonly (string | null)[]): Language {
  for (const tag of wanted) {
    const primary = tag?.toLowerCase().split('-')[0]
    if (primary === 'en' || primary === 'ja') return primary
  }
  return 'en'
}

/** Prepares the catalogues in the reader's language. To be awaited before the first render. */
export async function startLanguage(): Promise<void> {
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language
  })
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ja: { translation: ja } },
    lng: chooseLanguage([localStorage.getItem(storageKey), ...navigator.languages]),
    fallbackLng: 'en',
    supportedLngs: Object.keys(languages),
    interpolation: { escapeValue: false },
    returnNull: false,
  })
}

/** Switches the language and remembers it in this browser. */
export function setLanguage(language: Language): void {
  localStorage.setItem(storageKey, language)
  void i18next.changeLanguage(language)
}
