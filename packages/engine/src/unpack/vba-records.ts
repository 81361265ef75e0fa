/**
 * The records of a `dir` stream ([MS-OVBA], section 2.3.4.2) as the lines that ClamAV writes before code, as clamscan 1.4.6 was seen to do: signatures with
 * offsets and hashes may depend on them. References and constants have no line there.
 */

const systems = ['Windows 16 bit', 'Windows 32 bit', 'Macintosh', 'Windows 64 bit']

type Decode = (bytes: Uint8Array) => string
type Form = (data: Buffer, decode: Decode) => string

const text: Form = (data, decode) => decode(data)
const wide: Form = (data) => data.toString('utf16le')
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

/** The encodings of code pages that are not `windows-` and the number. */
const encodings: Readonly<Record<number, string>> = {
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  10000: 'macintosh',
  65001: 'utf-8',
}

/** Makes text of bytes in a code page; one that is not known is taken for Western European. */
export function textDecoder(codePage: number): Decode {
  const encoding = encodings[codePage] ?? (codePage >= 1250 && codePage <= 1258 ? `windows-${codePage}` : '')
  const decoder = new TextDecoder(encoding || 'windows-1252')
  return (bytes) => decoder.decode(bytes)
}
