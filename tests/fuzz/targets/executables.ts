/** Structures of programs: PE with its imports, resources and version information, ELF and Mach-O. */
import { isBrokenExecutable } from '../../../packages/engine/src/structure/broken-executable.ts'
import { makeElf } from '../../../packages/engine/src/structure/elf.fixture.ts'
import { makeMachO } from '../../../packages/engine/src/structure/mach-o.fixture.ts'
import { makeImports, makePe } from '../../../packages/engine/src/structure/pe.fixture.ts'
import { readExecutable } from '../../../packages/engine/src/structure/read-executable.ts'
import {
  makeResources,
  makeVersionInfo,
} from '../../../packages/engine/src/structure/version-info.fixture.ts'
import { checkedSource } from '../checked-source.ts'
import { type FuzzTarget, mustHold, type Outcome } from '../fuzz-target.ts'

const filler = Buffer.alloc(0x200, 'content ')

function pe(data: Buffer, directories: Record<number, [number, number]>, plus = false): Buffer {
  const sections = [
    { rva: 0x1000, virtualSize: 0x8000, rawPointer: 0x400, rawSize: data.length + 511, data },
    { rva: 0x9000, virtualSize: 0x100, rawPointer: 0x800, rawSize: 0x100, data: filler },
  ]
  return makePe({ entry: 0x1010, plus, directories, sections })
}

function peSeeds(): Uint8Array[] {
  const imports = makeImports(0x1000, [
    ['KERNEL32.dll', ['CreateFileA', 'WriteFile']],
    ['ws2_32', [1, 2, 115]],
  ])
  const resources = makeResources(0x1000, 16, [makeVersionInfo([[['CompanyName', 'A company']]])])
  return [
    pe(filler, {}),
    pe(imports, { 1: [0x1000, 60] }),
    pe(makeImports(0x1000, [['a.dll', ['b']]], true), { 1: [0x1000, 40] }, true),
    pe(resources, { 2: [0x1000, resources.length] }),
  ]
}

function elfSeeds(): Uint8Array[] {
  const segments = [{ address: 0x8000, offset: 0x400, fileSize: 0x200 }]
  const sections = [
    { type: 0, offset: 0, size: 0 },
    { offset: 0x400, size: 0x40 },
    { type: 8, offset: 0x600, size: 0x4000 },
  ]
  return [false, true].flatMap((wide) =>
    [false, true].map((bigEndian) =>
      makeElf({ entry: 0x8010, background: Buffer.alloc(0x800), segments, sections, wide, bigEndian }),
    ),
  )
}

function machSeeds(): Uint8Array[] {
  const segments = [
    [
      { address: 0x8000, size: 0x100, offset: 0x400 },
      { address: 0x8100, size: 0x45, offset: 0x500, alignment: 3 },
    ],
  ]
  return [false, true].flatMap((wide) =>
    [false, true].map((bigEndian) =>
      makeMachO({
        processor: 18,
        thread: 0x8010,
        background: Buffer.alloc(0x600),
        segments,
        wide,
        bigEndian,
      }),
    ),
  )
}

const HASHED_SECTIONS = 4

function run(name: 'pe' | 'elf' | 'mach-o', input: Uint8Array): Outcome {
  const source = checkedSource(input)
  const isBroken = isBrokenExecutable(source, name)
  const executable = readExecutable(source, name)
  if (executable === undefined) return `${isBroken}`
  const { format, entryPoint, sections, damage } = executable
  for (const { offset, size } of sections) {
    mustHold(
      Number.isSafeInteger(offset) && Number.isSafeInteger(size) && size >= 0,
      `a section of ${size} at ${offset}`,
    )
    mustHold(
      size === 0 || (offset >= 0 && offset + size <= input.length),
      `a section of ${size} at ${offset} is not in the file`,
    )
  }
  if (entryPoint !== undefined) {
    mustHold(Number.isSafeInteger(entryPoint) && entryPoint >= 0, `an entry point at ${entryPoint}`)
    mustHold(
      format !== 'pe' || entryPoint < input.length,
      `an entry point at ${entryPoint} is not in the file`,
    )
  }
  const places = executable.versionStrings()
  mustHold(
    places.every((place) => place >= 0 && place < input.length),
    'a string is not in the file',
  )
  const hashes = Array.from({ length: HASHED_SECTIONS }, (_, index) => executable.sectionHash(index, 'md5'))
  const imports = executable.importHash()
  return [
    isBroken,
    entryPoint,
    sections.length,
    damage,
    places.length,
    ...hashes,
    imports?.md5,
    imports?.length,
  ].join()
}

export const targets: readonly FuzzTarget[] = [
  { name: 'executables:pe', seeds: peSeeds, run: (input) => run('pe', input) },
  { name: 'executables:elf', seeds: elfSeeds, run: (input) => run('elf', input) },
  { name: 'executables:mach-o', seeds: machSeeds, run: (input) => run('mach-o', input) },
]
