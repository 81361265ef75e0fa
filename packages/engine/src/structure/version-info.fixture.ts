/**
 * Version information and the tree of resources around it, for tests (Win32, "VS_VERSIONINFO"; PE format, "The .rsrc Section"). Never imported
 * by production code.
 */

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

function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}

/** One behind the other, each at a multiple of 4. */
function inRow(blocks: readonly Buffer[]): Buffer {
  return blocks.reduce(
    (row, next) => Buffer.concat([row, Buffer.alloc(padded(row.length) - row.length), next]),
    Buffer.alloc(0),
  )
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

const [TABLE, ENTRY, LEAF] = [16, 8, 16]

/** A tree for a section at `rva` with one type and one name, and a language for each of the resources. */
export function makeResources(rva: number, type: number, resources: readonly Buffer[]): Buffer {
  const languagesAt = 2 * (TABLE + ENTRY)
  const leavesAt = languagesAt + TABLE + ENTRY * resources.length
  let contentsAt = leavesAt + LEAF * resources.length
  const tree = Buffer.alloc(contentsAt)
  const table = (at: number, entries: readonly (readonly [id: number, below: number])[]) => {
    tree.writeUInt16LE(entries.length, at + 14)
    entries.forEach(([id, below], index) => {
      tree.writeUInt32LE(id, at + TABLE + ENTRY * index)
      tree.writeUInt32LE(below, at + TABLE + ENTRY * index + 4)
    })
  }
  table(0, [[type, 0x80000000 + TABLE + ENTRY]])
  table(TABLE + ENTRY, [[1, 0x80000000 + languagesAt]])
  table(
    languagesAt,
    resources.map((_, index) => [0x400 + index, leavesAt + LEAF * index]),
  )
  resources.forEach((resource, index) => {
    tree.writeUInt32LE(rva + contentsAt, leavesAt + LEAF * index)
    tree.writeUInt32LE(resource.length, leavesAt + LEAF * index + 4)
    contentsAt += padded(resource.length)
  })
  return inRow([tree, ...resources])
}
