/**
 * The .info file of a signature set: the set's header, then `name:bytes:sha256` for each file, and in official sets `DSIG:` and a
 * signature over all lines before it.
 */
import { Refusal } from '../parse/pattern.ts'
import { parseSetHeader, type SetHeader } from './set-header.ts'

export interface ListedFile {
  readonly size: number
  /** In lower-case hexadecimal. */
  readonly sha256: string
}

export interface SetInfo {
  readonly header: SetHeader
  readonly files: ReadonlyMap<string, ListedFile>
  /** Undefined where there is none. */
  readonly signature: { readonly text: string; readonly over: Uint8Array } | undefined
}

/** Longer than any that lists a thousand files. */
const INFO_MAX_BYTES = 1024 * 1024

/** Reads the file. Throws Refusal. */
export function parseSetInfo(bytes: Uint8Array): SetInfo {
  if (bytes.length > INFO_MAX_BYTES) throw new Refusal('its .info file is too long')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  const signed = text.startsWith('DSIG:') ? 0 : text.indexOf('\nDSIG:') + 1
  const isSigned = signed > 0 || text.startsWith('DSIG:')
  const [first = '', ...lines] = (isSigned ? text.slice(0, signed) : text).split('\n')
  const files = new Map<string, ListedFile>()
  for (const line of lines) {
    if (line.trim() === '') continue
    const [, name = '', size = '', sha256 = ''] = /^([^:]+):(\d{1,10}):([0-9a-f]{64})\r?$/i.exec(line) ?? []
    if (name === '') throw new Refusal('its .info file has a line that is none')
    if (files.has(name)) throw new Refusal(`its .info file names ${JSON.stringify(name)} twice`)
    files.set(name, { size: Number(size), sha256: sha256.toLowerCase() })
  }
  const [signature = ''] = text.slice(signed + 'DSIG:'.length).split(/\r?\n/, 1)
  return {
    header: parseSetHeader(first),
    files,
    signature: isSigned ? { text: signature, over: bytes.subarray(0, signed) } : undefined,
  }
}
