/**
 * Labels for parts inside a file, such as `backup.tar/site.zip/index.php`. They come from hostile archives and are for
 * people and logs only: nothing may ever open one as a path.
 */

const LONGEST_LABEL = 255
const LONGEST_PATH = 1024

// Controls (C0, DEL, C1), line and paragraph separators, and what reorders or hides text on a terminal or a page.
const hostile = /[\p{Cc}\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/gu

/** One entry's name, made harmless: hostile characters replaced by U+FFFD, at most 255 UTF-16 units. */
export function entryLabel(name: string): string {
  const label = name
    .slice(0, LONGEST_LABEL + 1)
    .toWellFormed()
    .replace(hostile, '\ufffd')
  if (label === '') return 'unnamed'
  return shorten(label, LONGEST_LABEL)
}

/** Appends a label to the path of its container; the end is kept when the whole grows too long. */
export function joinInnerPath(container: string | undefined, label: string): string {
  if (container === undefined) return label
  const path = `${container}/${label}`
  return path.length <= LONGEST_PATH ? path : `…${path.slice(1 - LONGEST_PATH).toWellFormed()}`
}

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`
}
