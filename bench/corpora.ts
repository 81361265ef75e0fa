/**
 * The files that all engines are measured on: programs and scripts of the machine itself, and two generated files that
 * are the same on every machine. It writes into the folder it is given and nowhere else.
 */
import { closeSync, globSync, openSync, readSync, realpathSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { generator } from './random.ts'

export interface Corpus {
  readonly name: 'ELF files' | 'scripts' | 'random' | 'text' | 'zip trees' | 'tar.gz trees' | '7z trees'
  readonly paths: readonly string[]
  /** Of the files as they stand. */
  readonly bytes: number
  /** Of what is to be scanned: the same, but of archives what lies in them. */
  readonly contentBytes: number
}

export interface CorpusSizes {
  /** The most bytes to take of the programs that the machine has. */
  readonly programBytes: number
  /** The most bytes to take of its scripts. */
  readonly scriptBytes: number
  /** The length of each generated file in bytes. */
  readonly generatedBytes: number
}

/** Where Debian puts scripts, beside the checkout's node_modules. */
const scriptFolders = ['/usr/share/php', '/usr/share/javascript', '/usr/share/nodejs', '/usr/lib/python3']

/** What the machine has: programs, and scripts. `repository` is where node_modules lies. */
export function machineCorpora(
  repository: string,
  { programBytes, scriptBytes }: Pick<CorpusSizes, 'programBytes' | 'scriptBytes'>,
): [programs: Corpus, scripts: Corpus] {
  const programs = globSync(['/usr/bin/*', '/usr/lib/**/*.so*'])
  const scripts = [join(repository, 'node_modules'), ...scriptFolders].flatMap((tree) =>
    globSync('**/*.{js,mjs,cjs,php,inc,py}', { cwd: tree }).map((path) => join(tree, path)),
  )
  return [
    corpus('ELF files', programs, programBytes, isElf),
    corpus('scripts', scripts, scriptBytes, () => true),
  ]
}

/** Gathers the four corpora. `folder` receives the generated files; `repository` is where node_modules lies. */
export function gatherCorpora(folder: string, repository: string, sizes: CorpusSizes): Corpus[] {
  return [
    ...machineCorpora(repository, sizes),
    corpus(
      'random',
      [generateRandom(join(folder, 'random.bin'), sizes.generatedBytes)],
      Infinity,
      () => true,
    ),
    corpus('text', [generateText(join(folder, 'text.txt'), sizes.generatedBytes)], Infinity, () => true),
  ]
}

/** Takes regular files in an order that does not follow the alphabet, each file once, up to `limit` bytes; one file is at most a quarter. */
function corpus(
  name: Corpus['name'],
  candidates: readonly string[],
  limit: number,
  fits: (path: string) => boolean,
): Corpus {
  const random = generator(name)
  const shuffled = candidates
    .toSorted()
    .map((path) => ({ path, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
  const seen = new Set<string>()
  const paths: string[] = []
  let bytes = 0
  for (const { path } of shuffled) {
    if (bytes >= limit) break
    const real = realpathOf(path)
    if (real === undefined || seen.has(real) || /[\n\0]/.test(real)) continue
    seen.add(real)
    const size = statSync(real)
    if (!size.isFile() || size.size === 0 || size.size > limit / 4 || !fits(real)) continue
    paths.push(real)
    bytes += size.size
  }
  return { name, paths, bytes, contentBytes: bytes }
}

function realpathOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    // A dangling link, common under /usr/lib, is no file to measure on.
    return undefined
  }
}

function isElf(path: string): boolean {
  const fd = openSync(path, 'r')
  try {
    const magic = Buffer.alloc(4)
    return readSync(fd, magic, 0, 4, 0) === 4 && magic.equals(Buffer.from('\x7fELF', 'latin1'))
  } finally {
    closeSync(fd)
  }
}

function generateRandom(path: string, bytes: number): string {
  const random = generator('random corpus')
  return write(path, bytes, (block) => {
    for (let at = 0; at + 4 <= block.length; at += 4) block.writeUInt32LE(random(), at)
  })
}

/** Words of two to nine letters in lines of about eighty, which is how logs and prose look to a matcher. */
function generateText(path: string, bytes: number): string {
  const random = generator('text corpus')
  const words = Array.from({ length: 20_000 }, () =>
    Array.from({ length: 2 + (random() % 8) }, () => String.fromCharCode(97 + (random() % 26))).join(''),
  )
  return write(path, bytes, (block) => {
    let at = 0
    let column = 0
    while (at < block.length) {
      const word = words[random() % words.length] ?? ''
      at += block.write(word, at, 'latin1')
      column += word.length + 1
      if (at < block.length) block[at++] = column > 80 ? 10 : 32
      if (column > 80) column = 0
    }
  })
}

function write(path: string, bytes: number, fill: (block: Buffer) => void): string {
  const fd = openSync(path, 'w', 0o600)
  try {
    for (let left = bytes; left > 0; ) {
      const block = Buffer.alloc(Math.min(left, 1 << 20))
      fill(block)
      left -= writeSync(fd, block)
    }
  } finally {
    closeSync(fd)
  }
  return path
}
