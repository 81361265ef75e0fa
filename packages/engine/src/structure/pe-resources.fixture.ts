/** The tree of resources in a PE file, for tests (PE format, "The .rsrc Section"). Never imported by production code. */

const [TABLE, ENTRY, LEAF] = [16, 8, 16]
const SUBTREE = 0x80000000

/** A type, and what has it: names as numbers, each with its resources, a language for each. */
export type ResourceType = readonly [
  type: number,
  names: readonly (readonly [name: number, resources: readonly Buffer[]])[],
]

/** A tree for a section at `rva`, in the order of what is given, whatever order Windows expects. */
export function makeResourceTree(rva: number, types: readonly ResourceType[]): Buffer {
  const names = types.flatMap(([, named]) => named)
  const contents = names.flatMap(([, resources]) => resources)
  const tableBytes = (entries: number) => TABLE + ENTRY * entries
  const typesAt = tableBytes(types.length)
  const namesEnd = types.reduce((at, [, named]) => at + tableBytes(named.length), typesAt)
  const leavesAt = names.reduce((at, [, resources]) => at + tableBytes(resources.length), namesEnd)
  let [nameTable, languageTable, leaf] = [typesAt, namesEnd, leavesAt]
  let contentsAt = leavesAt + LEAF * contents.length
  const tree = Buffer.alloc(contentsAt)
  const table = (at: number, entries: readonly (readonly [id: number, below: number])[]) => {
    tree.writeUInt16LE(entries.length, at + 14)
    entries.forEach(([id, below], index) => {
      tree.writeUInt32LE(id, at + TABLE + ENTRY * index)
      tree.writeUInt32LE(below, at + TABLE + ENTRY * index + 4)
    })
    return tableBytes(entries.length)
  }
  const typeEntries = types.map(([type, named]) => {
    const nameEntries = named.map(([name, resources]) => {
      const languages = resources.map((_, index) => [0x400 + index, leaf + LEAF * index] as const)
      leaf += LEAF * resources.length
      languageTable += table(languageTable, languages)
      return [name, SUBTREE + languageTable - tableBytes(languages.length)] as const
    })
    nameTable += table(nameTable, nameEntries)
    return [type, SUBTREE + nameTable - tableBytes(nameEntries.length)] as const
  })
  table(0, typeEntries)
  contents.forEach((content, index) => {
    tree.writeUInt32LE(rva + contentsAt, leavesAt + LEAF * index)
    tree.writeUInt32LE(content.length, leavesAt + LEAF * index + 4)
    contentsAt += padded(content.length)
  })
  return inRow([tree, ...contents])
}

/** One behind the other, each at a multiple of 4. */
export function inRow(blocks: readonly Buffer[]): Buffer {
  return Buffer.concat(
    blocks.flatMap((block, index) => {
      const isLast = index === blocks.length - 1
      return isLast ? [block] : [block, Buffer.alloc(padded(block.length) - block.length)]
    }),
  )
}

export function padded(length: number): number {
  return Math.ceil(length / 4) * 4
}
