/**
 * The import hash: the MD5 of all imports as `library.function`, in their order, joined by commas, in lower case, the
 * library without its extension, and an ordinal by the name it is known by, else as `ord` and its number. It was
 * described by Mandiant ("Tracking Malware with Import Hashing", 2014); .imp signatures carry it.
 *
 * Stock ClamAV computes none when a name holds other characters than letters, digits, `.` and `_` (C++ names do) or when it
 * scans PE32+, and reads no function's name within the last 256 bytes of a file. We hash all of these. Like stock, and
 * unlike some other tools, we keep the extension of a library that has a dot before it.
 */
import { createHash } from 'node:crypto'
import type { ImportHash } from './executable.ts'
import { ordinalName } from './import-ordinals.ts'
import type { PeImport } from './pe-imports.ts'

/** The hash of the imports; nothing when they end with `false` or hold what is no name. */
export function hashImports(imports: Iterator<PeImport, boolean>): ImportHash | undefined {
  const hash = createHash('md5')
  let length = 0
  let next = imports.next()
  for (; next.done !== true; next = imports.next()) {
    const { library, function: imported } = next.value
    const stem = lowerCase(library).replace(/^([^.]*)\.(?:dll|ocx|sys)$/, '$1')
    const name =
      typeof imported === 'string' ? lowerCase(imported) : (ordinalName(stem, imported) ?? `ord${imported}`)
    if (!/^[!-~]*$/.test(name)) return undefined
    const text = `${length === 0 ? '' : ','}${stem}.${name}`
    hash.update(text, 'latin1')
    length += text.length
  }
  return next.value ? { md5: hash.digest('hex'), length } : undefined
}

/** ASCII only: other bytes stay as they are. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
