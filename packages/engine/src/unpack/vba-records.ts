/**
 * The records of a `dir` stream ([MS-OVBA], section 2.3.4.2) as the lines that ClamAV writes before code, as clamscan 1.4.6 was seen to do: signatures with
 * offsets and hashes may depend on them. References and constants have no line there.
 */

import { wideText } from './wide-text.ts'

const systems = ['Windows 16 bit', 'Windows 32 bit', 'Macintosh', 'Windows 64 bit']

type Decode = (bytes: Uint8Array) => string
type Form = (data: Buffer, decode: Decode) => string

const text: Form = (data, decode) => decode(data)
const wide: Form = (data) => wideText(data)
const long: Form = (data) => `0x${number(data, 4).toString(16).padStart(8, '0')}`
const short: Form = (data) => `0x${number(data, 4).toString(16).padStart(4, '0')}`

const records: ReadonlyMap<number, readonly [name: string, form: Form]> = new Map([
  [0x01, ['PROJECTSYSKIND', (data) => systems[number(data, 4)] ?? 'Unknown']],
  [0x02, ['PROJECTLCID', long]],
  [0x14, ['PROJECTLCIDINVOKE', long]],
  [0x03, ['PROJECTCODEPAGE', short]],
  [0x04, ['PROJECTNAME', text]],
  [0x05, ['PROJECTDOCSTRING', text]],
  [0x40, ['PROJECTDOCSTRINGUNICODE', wide]],
  [0x06, ['PROJECTHELPFILEPATH', text]],
  [0x3d, ['PROJECTHELPFILEPATH2', text]],
  [0x07, ['PROJECTHELPCONTEXT', short]],
  [0x08, ['PROJECTLIBFLAGS', short]],
  [0x09, ['PROJECTVERSION', (data) => `${number(data, 4)}.${number(data.subarray(4), 2)}`]],
  [0x0f, ['PROJECTMODULES', (data) => `${number(data, 2)}`]],
  [0x13, ['PROJECTCOOKIE', short]],
  [0x19, ['MODULENAME', text]],
  [0x47, ['MODULENAMEUNICODE', wide]],
  [0x1a, ['MODULESTREAMNAME', text]],
  [0x32, ['MODULESTREAMNAMEUNICODE', wide]],
  [0x1c, ['MODULEDOCSTRING', text]],
  [0x48, ['MODULEDOCSTRINGUNICODE', wide]],
  [0x31, ['MODULEOFFSET', long]],
  [0x1e, ['MODULEHELPCONTEXT', long]],
  [0x2c, ['MODULECOOKIE', short]],
  [0x21, ['MODULETYPE', () => 'Procedural']],
  [0x22, ['MODULETYPE', () => 'Class']],
])
const flags: ReadonlyMap<number, string> = new Map([
  [0x25, 'MODULEREADONLY'],
  [0x28, 'MODULEPRIVATE'],
])

/** Longer than any name or description that Office takes. */
const VALUE_MAX_BYTES = 4096

/** The line of a record, if it has one, with its end. */
export function lineOfRecord(id: number, data: Buffer, decode: Decode): string | undefined {
  const flag = flags.get(id)
  if (flag !== undefined) return `REM ${flag}\n`
  const record = records.get(id)
  if (record === undefined) return undefined
  const [name, form] = record
  return `REM ${name}: ${form(data.subarray(0, VALUE_MAX_BYTES), decode)}\n`
}

function number(data: Buffer, bytes: number): number {
  const length = Math.min(bytes, data.length)
  return length === 0 ? 0 : data.readUIntLE(0, length)
}

/** What the bytes from 0x80 on stand for in the code pages of one byte a letter: made once, so that no decoder of the system reads a file. */
const highLetters: ReadonlyMap<number, string> = new Map(
  [1250, 1251, 1252, 1253, 1254, 1255, 1256, 1257, 1258].map((codePage) => [
    codePage,
    new TextDecoder(`windows-${codePage}`).decode(Uint8Array.from({ length: 128 }, (_, byte) => 0x80 + byte)),
  ]),
)
const WESTERN = 1252

/** Makes text of bytes in a code page; one that is not known, and those of two bytes a letter, are taken for Western European. */
export function textDecoder(codePage: number): Decode {
  const letters = highLetters.get(codePage) ?? (highLetters.get(WESTERN) as string)
  return (bytes) =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      .toString('latin1')
      .replace(/[\x80-\xff]/g, (byte) => letters.charAt(byte.charCodeAt(0) - 0x80))
}
