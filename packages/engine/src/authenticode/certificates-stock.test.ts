/**
 * Signed programs beside stock clamscan: random authorities, signatures and sets of certificates. Without what is stricter here on purpose
 * (DESIGN.md) every verdict is the same; with it nothing is trusted here that stock does not trust, and the same is detected.
 * COREWARD_ORACLE_SEEDS is how many authorities are made.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { type Random, seededRandom } from '../match/random-signatures.fixture.ts'
import { makePe } from '../structure/pe.fixture.ts'
import { type SignatureItem, signPe } from './authenticode.fixture.ts'
import {
  type CertificateItem,
  crbIdentity,
  type Hash,
  type Identity,
  makeIdentity,
} from './certificates.fixture.ts'
import { judgeProgram } from './judge-program.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 25)
const FILES = 20

const marker = Buffer.from('a benign marker in a program')
const past = { from: new Date('2010-01-01'), to: new Date('2020-01-01') }

interface Authority {
  readonly issuers: readonly Identity[]
  readonly signers: readonly Identity[]
  readonly clocks: readonly Identity[]
}

/** Two roots, authorities below them, and whom they let sign. `strict` are also such as we do not trust. */
function randomAuthority({ pick, chance, whole }: Random, strict: boolean): Authority {
  const hash = (): Hash => pick(strict ? ['sha1', 'sha256', 'md5'] : ['sha1', 'sha256', 'sha384', 'sha512'])
  const roots = [0, 1].map((index) =>
    makeIdentity({ name: `Root ${index}`, isAuthority: true, hash: hash(), from: past.from }),
  )
  const odd = (): Partial<CertificateItem> =>
    strict && chance(0.3)
      ? pick([
          { isOdd: true },
          { isAuthority: true, pathLength: 0 },
          { keyUsage: '001' },
          { keyUsage: '1' },
          { ...past },
          { isForged: true },
        ])
      : {}
  const below = (index: number, issuers: readonly Identity[]) =>
    makeIdentity({
      name: `Authority ${index}`,
      key: `authority ${index}`,
      issuer: pick(issuers),
      isAuthority: true,
      hash: hash(),
      from: past.from,
      ...pick([{}, {}, { keyUsage: '0000011' }, { usages: ['code', 'time'] as const }]),
      ...(strict ? pick([{}, { usages: ['code'] as const }, { usages: ['time'] as const }]) : {}),
      ...odd(),
    })
  const middle = [0, 1].map((index) => below(index, roots))
  const issuers = [...roots, ...middle, below(2, middle)]
  const signer = (index: number) =>
    makeIdentity({
      name: `Signer ${index}`,
      key: `signer ${index % 4}`,
      issuer: pick(issuers),
      hash: hash(),
      usages: pick([['code'], ['code'], ['code'], ['code', 'time'], ['server']] as const),
      isAuthority: false,
      ...pick([{}, {}, {}, past, { from: new Date('2030-01-01') }]),
      ...(chance(0.1) ? { isForged: true } : {}),
      ...odd(),
    })
  const clock = (index: number) =>
    makeIdentity({
      name: `Clock ${index}`,
      key: `clock ${index}`,
      issuer: pick(issuers),
      usages: pick([['time'], ['time'], ['code']] as const),
      isAuthority: false,
      ...(strict ? past : { from: past.from }),
    })
  return {
    issuers,
    signers: Array.from({ length: 3 + whole(4) }, (_, index) => signer(index)),
    clocks: [0, 1].map(clock),
  }
}

function randomProgram(random: Random, { issuers, signers, clocks }: Authority, strict: boolean): Buffer {
  const { pick, chance, whole } = random
  const data = Buffer.alloc(0x200, marker)
  data.writeUInt32LE(whole(2 ** 32), 0x100)
  const program = makePe({
    plus: chance(0.3),
    sections: [{ rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data }],
  })
  const signer = pick(signers)
  const all = [...issuers, ...signers, ...clocks]
  const embedded = [signer, ...issuers, ...clocks].filter(() => chance(0.85))
  if (chance(0.2)) embedded.unshift(pick(all))
  const rare = <Value>(value: Value): Value | undefined => (chance(0.06) ? value : undefined)
  const item: { -readonly [Name in keyof SignatureItem]: SignatureItem[Name] | undefined } = {
    signer,
    embedded,
    digest: pick(strict ? ['sha1', 'sha256', 'md5'] : ['sha1', 'sha256', 'sha384', 'sha512']),
    signatureHash: pick(['sha1', 'sha256', undefined]),
    withoutNull: chance(0.2),
    isForged: rare(true),
    statedDigest: rare(Buffer.alloc(32)),
    statedMessageDigest: rare(Buffer.alloc(32)),
    signers: rare(2),
    nested: rare({ signer: pick(signers) }),
    contentType: rare('1.2.840.113549.1.7.1'),
  }
  if (chance(0.4)) {
    item.countersigner = pick(clocks)
    item.countersignedAt = pick([new Date('2015-01-01'), new Date('2015-01-01'), new Date('2021-01-01')])
    item.isCountersignatureForged = rare(true)
    item.countersignatureHash = pick(['sha1', 'sha256'])
  }
  const given = Object.entries(item).filter(([, value]) => value !== undefined)
  const table = strict && chance(0.2) ? { padding: 1, more: chance(0.5) ? [{ signer }] : [] } : {}
  const signed = signPe(program, Object.fromEntries(given) as unknown as SignatureItem, table)
  const spoiled = Buffer.from(signed)
  if (chance(0.1)) spoiled[0x480] = (spoiled[0x480] ?? 0) ^ 1
  if (chance(0.05)) spoiled[0x80 + 24 + 64] = 1
  return chance(0.05) ? Buffer.concat([spoiled, Buffer.alloc(8)]) : spoiled
}

function randomLines({ pick, chance }: Random, { issuers, signers, clocks }: Authority): string[] {
  // Once stock has read a line without a serial number it heeds that of no later line.
  const odd = pick(['', '00'.repeat(20)])
  return [...issuers, ...signers, ...clocks].flatMap((identity, index) => {
    const isIssuer = issuers.includes(identity)
    if (chance(isIssuer ? 0.45 : 0.8)) return []
    const trusted = chance(0.75)
    const [subject, serial, key] = crbIdentity(identity)
    const flags = chance(0.7) ? '1;1;1' : pick(['1;0;1', '0;1;1', '1;1;0', '1;0;0', '0;0;0'])
    const number = pick([serial, serial, odd])
    return [`S${index};${trusted ? 1 : 0};${subject};${number};${key};;${flags};0;`]
  })
}

/** What stock says of each file: whether it is trusted, and what is blocked. */
function stockVerdicts(lines: readonly string[], files: readonly Buffer[], folder: string): string[] {
  const [set, contents] = [join(folder, 'set'), join(folder, 'files')]
  for (const path of [set, contents]) mkdirSync(path)
  writeFileSync(join(set, 'a.crb'), `${lines.join('\n')}\n`)
  writeFileSync(join(set, 'a.ndb'), `Marker:0:*:${marker.toString('hex')}\n`)
  for (const [index, file] of files.entries()) writeFileSync(join(contents, `${index}`), file)
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [`--database=${set}`, '--allmatch', '--no-summary', contents],
    { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
  )
  assert.ok(status === 0 || status === 1, stderr)
  return files.map((_, index) => {
    const own = [...stdout.matchAll(/\/(\d+): (\S+)/g)].filter(([, file]) => Number(file) === index)
    const names = new Set(own.map(([, , name = '']) => name))
    if (names.has('OK')) return 'trusted'
    return (
      [...names]
        .filter((name) => /^S\d+$/.test(name))
        .sort()
        .join() || 'unknown'
    )
  })
}

function ourVerdicts(lines: readonly string[], files: readonly Buffer[]): string[] {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [{ name: 'a.crb', text: lines.join('\n') }],
  })
  assert.deepEqual(summary.refused, [])
  const { certificates, signature } = openDefinitions(bytes)
  return files.map((file) => {
    const { blocked, trustedBut } = judgeProgram(bytesSource(file), certificates, () => {})
    if (trustedBut !== undefined) return 'trusted'
    return [...new Set(blocked.map((id) => signature(id).name))].sort().join() || 'unknown'
  })
}

/** Pairs of verdicts, ours and stock's, each with how often it came. */
function compared(strict: boolean): Map<string, number> {
  const pairs = new Map<string, number>()
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed + (strict ? 1_000_000 : 0))
    const authority = randomAuthority(random, strict)
    const files = Array.from({ length: FILES }, () => randomProgram(random, authority, strict))
    const lines = randomLines(random, authority)
    const folder = mkdtempSync(join(tmpdir(), 'coreward-certificates-'))
    try {
      const theirs = stockVerdicts(lines, files, folder)
      for (const [index, our] of ourVerdicts(lines, files).entries()) {
        const their = theirs[index] as string
        const pair = our === their ? (/^S/.test(our) ? 'blocked' : our) : `${our} here, ${their} there`
        pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  return pairs
}

test('stock trusts and blocks the same programs', { skip: clamscanMissing, timeout: 600_000 }, (context) => {
  const pairs = compared(false)
  context.diagnostic(JSON.stringify(Object.fromEntries(pairs)))
  assert.deepEqual([...pairs.keys()].sort(), ['blocked', 'trusted', 'unknown'])
  for (const kind of ['blocked', 'trusted', 'unknown'])
    assert.ok((pairs.get(kind) ?? 0) > seeds / 2, `${pairs.get(kind)} ${kind}`)
})

test('nothing is trusted that stock does not trust', {
  skip: clamscanMissing,
  timeout: 600_000,
}, (context) => {
  const pairs = compared(true)
  context.diagnostic(JSON.stringify(Object.fromEntries(pairs)))
  const stricter = 'unknown here, trusted there'
  assert.deepEqual([...pairs.keys()].sort(), ['blocked', 'trusted', 'unknown', stricter].sort())
})
