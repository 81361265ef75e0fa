/** Names of streams in installers of Windows: two letters of 64 in each character, as the databases of Windows Installer are stored. */

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._'
const PAIRS = 0x3800
const SINGLES = 0x4800
/** Stands before the name of a table. */
const TABLE = 0x4840

/** The name as people know it; any other name is as it was. */
export function streamName(name: string): string {
  return [...name].map(lettersOf).join('')
}

function lettersOf(character: string): string {
  const code = character.charCodeAt(0)
  if (code < PAIRS || code > TABLE) return character
  if (code === TABLE) return '!'
  if (code >= SINGLES) return letters[code - SINGLES] as string
  const pair = code - PAIRS
  return `${letters[pair & 63]}${letters[pair >>> 6]}`
}
