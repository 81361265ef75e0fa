/**
 * Signatures made from the bytes of harmless files, so that there is something to find and to agree upon: each kind of line, over places
 * that are known to hold what it says, and over places where one byte differs. The same files and seed give the same lines.
 */
import { createHash } from 'node:crypto'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { generator } from '../random.ts'
import { between, chance, type Random } from '../set/random-choices.ts'
import type { SignatureFile } from '../signatures.ts'

/** Bytes of a file that are looked at. */
const PIECE = 64 * 1024
/** Files from which lines are made are no longer than this: their hashes are computed. */
const HASHED_MOST = 4_000_000
/** So many different bytes a fixed run needs to be worth looking for. */
const LEAST_DIFFERENT = 6

/** Where in a file lines are taken from. */
interface Sample {
  readonly whole: Buffer
  /** From here on lies what is looked for, PIECE bytes or fewer. */
  readonly from: number
}

type Line = readonly [format: 'hdb' | 'hsb' | 'ndb' | 'ldb', line: string]

/** Makes some `count` lines from files that are drawn out of `paths`. */
export function derivedSignatures(paths: readonly string[], count: number): SignatureFile[] {
  const random = generator('signatures from harmless files')
  const lines: Line[] = []
  for (let tries = 0; lines.length < count && tries < count * 4; tries++) {
    const whole = contentOf(paths[random() % paths.length] ?? '')
    if (whole === undefined || whole.length < 256) continue
    const sample = { whole, from: between(random, 0, Math.max(0, whole.length - PIECE)) }
    const make = kinds[lines.length % kinds.length] as Kind
    const line = make(random, sample, `Derived.${make.name}-${lines.length}`)
    if (line !== undefined) lines.push(line)
  }
  return (['hdb', 'hsb', 'ndb', 'ldb'] as const).flatMap((format) => {
    const own = lines.filter(([of]) => of === format).map(([, line]) => `${line}\n`)
    return own.length === 0 ? [] : [{ name: `derived.${format}`, text: own.join('') }]
  })
}

type Kind = (random: Random, sample: Sample, name: string) => Line | undefined

const kinds: readonly Kind[] = [
  function Md5(_random, { whole }, name) {
    return ['hdb', `${createHash('md5').update(whole).digest('hex')}:${whole.length}:${name}`]
  },
  function Sha256(_random, { whole }, name) {
    return ['hsb', `${createHash('sha256').update(whole).digest('hex')}:${whole.length}:${name}`]
  },
  function Plain(random, sample, name) {
    return ndb(name, '*', run(random, sample)?.hex)
  },
  function NearMiss(random, sample, name) {
    const hex = run(random, sample)?.hex
    if (hex === undefined) return undefined
    const at = between(random, 4, hex.length / 2 - 5) * 2
    const other = (Number.parseInt(hex.slice(at, at + 2), 16) ^ 0x80).toString(16).padStart(2, '0')
    return ndb(name, '*', hex.slice(0, at) + other + hex.slice(at + 2))
  },
  function Wildcards(random, sample, name) {
    const bytes = run(random, sample)?.hex.match(/../g)
    const open = bytes?.map((byte, at) =>
      at > 5 && chance(random, 25) ? (chance(random, 50) ? '??' : `${byte[0]}?`) : byte,
    )
    return ndb(name, '*', open?.join(''))
  },
  function Choice(random, sample, name) {
    const hex = run(random, sample)?.hex
    const middle = 12
    return ndb(
      name,
      '*',
      hex && `${hex.slice(0, middle)}(${hex.slice(middle, middle + 4)}|0bad)${hex.slice(middle + 4)}`,
    )
  },
  function Gap(random, sample, name) {
    const [first, second] = twoRuns(random, sample)
    if (first === undefined || second === undefined) return undefined
    const gap = second.at - first.at - first.hex.length / 2
    const least = Math.max(0, gap - between(random, 0, 20))
    return ndb(name, '*', `${first.hex}{${least}-${gap + between(random, 1, 20)}}${second.hex}`)
  },
  function AnyGap(random, sample, name) {
    const [first, second] = twoRuns(random, sample)
    return ndb(name, '*', first && second && `${first.hex}*${second.hex}`)
  },
  function Start(random, sample, name) {
    const found = run(random, sample)
    const early = between(random, 0, 64)
    return ndb(name, `${Math.max(0, (found?.at ?? 0) - early)},${early}`, found?.hex)
  },
  function End(random, sample, name) {
    const found = run(random, sample)
    return ndb(name, `EOF-${sample.whole.length - (found?.at ?? 0)}`, found?.hex)
  },
  function Both(random, sample, name) {
    const [first, second] = twoRuns(random, sample)
    if (first === undefined || second === undefined) return undefined
    return ['ldb', `${name};Engine:51-255,Target:0;0&1;${first.hex};${otherCase(second.hex)}::i`]
  },
  function Expression(random, sample, name) {
    const [first, second] = twoRuns(random, sample)
    if (first === undefined || second === undefined) return undefined
    const bytes = second.hex.match(/../g) ?? []
    const text = bytes.map((byte, at) => (at % 5 === 4 ? '.' : `\\x${byte}`)).join('')
    return ['ldb', `${name};Engine:81-255,Target:0;0&1;${first.hex};0/${text}/s`]
  },
  function Often(random, sample, name) {
    const found = run(random, sample)
    return found && ['ldb', `${name};Engine:51-255,Target:0;0>2;${found.hex.slice(0, 16)}`]
  },
]

function ndb(name: string, offset: string, hex: string | undefined): Line | undefined {
  return hex === undefined ? undefined : ['ndb', `${name}:0:${offset}:${hex}`]
}

interface Run {
  readonly at: number
  readonly hex: string
}

/** 14 to 40 bytes somewhere in the sample; nothing when it is too monotonous there. */
function run(
  random: Random,
  { whole, from }: Sample,
  least = from,
  most = Math.min(whole.length, from + PIECE),
): Run | undefined {
  const length = between(random, 14, 40)
  for (let tries = 0; tries < 8 && most - least > length; tries++) {
    const at = between(random, least, most - length)
    const bytes = whole.subarray(at, at + length)
    if (new Set(bytes.subarray(0, 8)).size >= LEAST_DIFFERENT) return { at, hex: bytes.toString('hex') }
  }
  return undefined
}

/** Two runs, one behind the other, up to 300 bytes apart. */
function twoRuns(random: Random, sample: Sample): readonly [Run | undefined, Run | undefined] {
  const first = run(random, sample)
  if (first === undefined) return [undefined, undefined]
  const end = first.at + first.hex.length / 2
  return [first, run(random, sample, end, Math.min(sample.whole.length, end + 300))]
}

function otherCase(hex: string): string {
  const text = Buffer.from(hex, 'hex').toString('latin1')
  const swapped = text.replace(/[a-zA-Z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20))
  return Buffer.from(swapped, 'latin1').toString('hex')
}

function contentOf(path: string): Buffer | undefined {
  let fd: number | undefined
  try {
    fd = openSync(path, 'r')
    const { size } = fstatSync(fd)
    if (size > HASHED_MOST) return undefined
    const bytes = Buffer.alloc(size)
    return readSync(fd, bytes, 0, size, 0) === size ? bytes : undefined
  } catch {
    // Not for us to read, or gone: another file is drawn.
    return undefined
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
