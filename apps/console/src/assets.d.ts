/**
 * What the bundler makes of an import that is not a module: style sheets, and CSS modules as class names.
 * Declarations only.
 */
/// <reference types="vite/client" />
