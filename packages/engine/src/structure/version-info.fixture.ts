/**
 * Version information as a resource, for tests (Win32, "VS_VERSIONINFO"). Never imported by production code.
 */

import { inRow, makeResourceTree, padded } from './pe-resources.fixture.ts'

export type StringItem = readonly [key: string, value: string]

/** A block's head and key, padded, and what is in it. */
function block(key: string, valueLength: number, type: number, contents: Buffer): Buffer {
  const name = Buffer.from(`${key}\0`, 'utf16le')
  const head = Buffer.alloc(padded(6 + name.length))
  const bytes = Buffer.concat([head, contents])
  bytes.writeUInt16LE(bytes.length, 0)
  bytes.writeUInt16LE(valueLength, 2)
  bytes.writeUInt16LE(type, 4)
  bytes.set(name, 6)
  return bytes
}

/** Tables of strings, and what follows them in honest files. */
export function makeVersionInfo(tables: readonly (readonly StringItem[])[]): Buffer {
  const made = tables.map((strings) => {
    const blocks = strings.map(([key, value]) =>
      block(key, value.length + 1, 1, Buffer.from(`${value}\0`, 'utf16le')),
    )
    return block('040904b0', 0, 1, inRow(blocks))
  })
  const fixed = Buffer.alloc(52)
  fixed.writeUInt32LE(0xfeef04bd)
  const translation = block('Translation', 4, 0, Buffer.from([9, 4, 0xb0, 4]))
  const info = [block('StringFileInfo', 0, 1, inRow(made)), block('VarFileInfo', 0, 1, translation)]
  return block('VS_VERSION_INFO', 52, 0, inRow([fixed, ...info]))
}

/** A tree for a section at `rva` with one type and one name, and a language for each of the resources. */
export function makeResources(rva: number, type: number, resources: readonly Buffer[]): Buffer {
  return makeResourceTree(rva, [[type, [[1, resources]]]])
}
