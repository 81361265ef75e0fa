/**
 * Random sets of signatures of every kind, the sets that follow on them, and files that they are about. Few markers are in use, so that
 * much is found and much is not. Never imported by production code.
 */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { SignatureFile } from '@coreward/definitions'
import { bytesSource } from './byte-source.ts'
import type { Random } from './match/random-signatures.fixture.ts'
import { makeElf } from './structure/elf.fixture.ts'
import { makeImports, makePe } from './structure/pe.fixture.ts'
import { readPe } from './structure/pe.ts'
import { makeTar, makeZip } from './unpack/archives.fixture.ts'

const MARKERS = 14
const markerText = (number: number) => `Marker${'abcdefghijklmn'[number]}Words`
const hex = (text: string) => Buffer.from(text).toString('hex')

/** Some files, and what is in them too. */
export async function randomFiles(random: Random): Promise<readonly Buffer[]> {
  const contents = Array.from({ length: 8 }, () => randomLeaf(random))
  const files = [...contents]
  for (let round = 0; round < 7; round += 1) {
    const inner = Array.from({ length: 1 + random.whole(3) }, (_, index) => ({
      name: `${random.pick(['a', 'b', 'c'])}${index}.bin`,
      data: random.pick(files),
    }))
    files.push(
      random.pick([
        () => gzipSync(inner[0]?.data ?? Buffer.alloc(1)),
        () => makeZip(inner),
        () => makeZip(inner, { prefix: random.pick(contents) }),
      ])(),
    )
  }
  files.push(await makeTar([{ name: 'in.tar', data: random.pick(files) }]), Buffer.alloc(0))
  return files
}

function randomLeaf(random: Random): Buffer {
  const words = Array.from({ length: random.whole(3) }, () => markerText(random.whole(MARKERS))).join(' and ')
  const filler = random.pick(['', 'filler '.repeat(random.whole(30)), '\0\x01'.repeat(random.whole(40))])
  const body = Buffer.from(`${filler}${words} ${random.whole(1000)}`)
  return random.pick([
    () => body,
    () =>
      Buffer.from(
        `<html><body><p>${words}</p><script>var x = "${words.slice(0, 20)}"</script></body></html>`,
      ),
    () => Buffer.concat([makeElf({ wide: true, segments: [], sections: [] }), body]),
    () => programWith(random, body),
    () => Buffer.concat([Buffer.from('%PDF-1.4\n'), body]),
    () => Buffer.from(`From: somebody\nSubject: ${words}\n\n${words.toUpperCase()}\n`),
    () => Buffer.concat([Buffer.from([0, 1, 2, 3]), body]),
  ])()
}

function programWith(random: Random, body: Buffer): Buffer {
  const imports = makeImports(0x1000, [[random.pick(['a.dll', 'b.dll']), [random.pick(['Run', 'Stop'])]]])
  const data = Buffer.concat([imports, body])
  return makePe({
    entry: 0x1010,
    directories: { 1: [0x1000, 40] },
    sections: [{ rva: 0x1000, virtualSize: 0x2000, rawPointer: 0x400, rawSize: data.length, data }],
  })
}

/** Lines by format: what a set is made of. YARA rules are one text each. */
type Lines = ReadonlyMap<string, readonly string[]>

/** The lines that sets about these files may hold. */
export function possibleLines(random: Random, files: readonly Buffer[]): Lines {
  const lines = new Map<string, string[]>()
  let serial = 0
  const add = (format: string, line: (name: string) => string) => {
    serial += 1
    lines.set(format, [...(lines.get(format) ?? []), line(`Test.${format}-${serial}-0`)])
  }
  const marker = () => markerText(random.whole(MARKERS))
  const target = () => random.pick([0, 0, 1, 3, 4, 5, 6, 7, 10])
  for (let number = 0; number < 12; number += 1) {
    add('ndb', (name) => `${name}:${target()}:*:${hex(random.pick([marker(), marker().toLowerCase()]))}`)
    add('ldb', (name) => `${name};${randomLogical(random, marker, target())}`)
    addHashes(random, files, add)
  }
  for (let number = 0; number < 6; number += 1) {
    add('ndb', (name) => `${name}:0:$${1 + random.whole(2)}:${hex(marker())}`)
    add(
      'cdb',
      (name) =>
        `${name}:${random.pick(['CL_TYPE_ZIP', 'CL_TYPE_POSIX_TAR', '*'])}:*:${random.pick(['a0', 'b1', 'c', 'zz'])}:*:*:*:*:*:*`,
    )
    add('fp', (name) =>
      `${digest('md5', random.pick(files))}:*:${name}:73`.replace(':*:', sizeText(random, files)),
    )
    add('yar', (name) => randomRule(random, name.replace(/\W/g, '_'), marker()))
  }
  add('ftm', () => `0:0:${hex('filler')}:Odd:CL_TYPE_ANY:${random.pick(['CL_TYPE_ELF', 'CL_TYPE_HTML'])}`)
  add('ign2', () => `Test.ndb-${1 + random.whole(serial)}-0`)
  return lines
}

/** Any size, or one of a file's: mostly not of the one whose hash it is, so that the line is about nothing. */
function sizeText(random: Random, files: readonly Buffer[]): string {
  return random.chance(0.7) ? ':*:' : `:${Math.max(1, random.pick(files).length)}:`
}

function digest(algorithm: string, content: Uint8Array): string {
  return createHash(algorithm).update(content).digest('hex')
}

function addHashes(
  random: Random,
  files: readonly Buffer[],
  add: (format: string, line: (name: string) => string) => void,
): void {
  const file = random.pick(files)
  const algorithm = random.pick(['md5', 'sha1', 'sha256'])
  const hash = digest(algorithm, random.chance(0.3) ? Buffer.from('nothing') : file)
  const size = random.chance(0.3) ? '*' : Math.max(1, file.length)
  add(algorithm === 'md5' ? 'hdb' : 'hsb', (name) => `${hash}:${size}:${name}:73`)
  const program = readPe(bytesSource(file))
  const [section] = program?.sections ?? []
  const md5 = program?.sectionHash(0, 'md5')
  if (section !== undefined && md5 !== undefined) add('mdb', (name) => `${section.size}:${md5}:${name}`)
  const imported = program?.importHash()
  if (imported !== undefined) add('imp', (name) => `${imported.md5}:${imported.length}:${name}`)
}

function randomLogical(random: Random, marker: () => string, target: number): string {
  const asked = random.pick([
    '',
    '',
    `,FileSize:${random.whole(200)}-${200 + random.whole(3000)}`,
    `,Container:${random.pick(['CL_TYPE_ZIP', 'CL_TYPE_GZ', 'CL_TYPE_ANY'])}`,
    `,HandlerType:${random.pick(['CL_TYPE_HTML', 'CL_TYPE_ELF'])}`,
    ',Container:CL_TYPE_ANY,HandlerType:CL_TYPE_ELF',
    ',Container:CL_TYPE_ANY,HandlerType:CL_TYPE_HTML',
  ])
  const subs = [hex(marker()), hex(marker())]
  const third = random.pick([`0/${marker()}/`, `\${12-60}${1 + random.whole(2)}$`, hex(marker())])
  // The macro goes behind the sub-signature that it is about.
  const expression = random.pick(['0&1&2', '0|1|2', '(0|1)&2', '0&1&2=0', '0=0&1=0&2=0', '(0|1|2)>1,2'])
  return `Engine:81-255,Target:${target}${asked};${expression};${[...subs, third].join(';')}`
}

function randomRule(random: Random, name: string, text: string): string {
  const helper = `private rule ${name}_helper { strings: $b = "${random.pick(['filler', 'words'])}" condition: $b }`
  const condition = random.pick([
    '$a',
    '$a and filesize < 500',
    `$a and ${name}_helper`,
    '#a > 0 and not uint8(0) == 0x7f',
  ])
  return `${helper}\nrule ${name} { strings: $a = "${text}" condition: ${condition} }\n`
}

/** Some of the lines. */
export function randomSet(random: Random, lines: Lines, share: number): Lines {
  return new Map([...lines].map(([format, all]) => [format, all.filter(() => random.chance(share))]))
}

/** A set that follows on another: most of it, and some of the other lines. */
export function followingSet(random: Random, set: Lines, lines: Lines): Lines {
  // Where less is allowed, or types are told otherwise, nothing can be carried over: that must not be each time.
  const isFixed = random.chance(0.6)
  return new Map(
    [...lines].map(([format, all]) => {
      const had = set.get(format) ?? []
      if (isFixed && ['fp', 'ftm', 'ign2'].includes(format)) return [format, had]
      const [kept, gained] = [random.pick([1, 1, 0.9]), random.pick([0, 0, 0.1, 0.3])]
      return [format, all.filter((line) => random.chance(had.includes(line) ? kept : gained))]
    }),
  )
}

/** A set as files; rules have one each. */
export function filesOf(set: Lines): SignatureFile[] {
  return [...set].flatMap(([format, lines]) =>
    format === 'yar'
      ? lines.map((text, index) => ({ name: `${index}.yar`, text }))
      : [{ name: `test.${format}`, text: lines.map((line) => `${line}\n`).join('') }],
  )
}
