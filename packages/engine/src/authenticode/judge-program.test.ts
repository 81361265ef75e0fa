import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions, type Definitions, openDefinitions, surfaceBits } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { makePe } from '../structure/pe.fixture.ts'
import { makeZip } from '../unpack/archives.fixture.ts'
import {
  makeSignature,
  type SignatureItem,
  signPe,
  type TableItem,
  tableEntry,
  withTable,
} from './authenticode.fixture.ts'
import {
  type CertificateItem,
  crbIdentity,
  crbLine,
  type Identity,
  makeIdentity,
} from './certificates.fixture.ts'
import { der, integer, nothing, octets, oid, sequence } from './der.fixture.ts'
import { judgeProgram } from './judge-program.ts'

const marker = Buffer.from('a benign marker in a program')
const program = makePe({
  sections: [
    {
      rva: 0x1000,
      virtualSize: 0x1000,
      rawPointer: 0x400,
      rawSize: 0x200,
      data: Buffer.alloc(0x200, marker),
    },
  ],
})
/** When all this is judged. */
const now = Date.parse('2026-06-01')

const root = makeIdentity({ name: 'Root', isAuthority: true })
const leaf = makeIdentity({ name: 'Leaf', issuer: root, usages: ['code'] })
const other = makeIdentity({ name: 'Other', isAuthority: true })
const otherLeaf = makeIdentity({ name: 'Other leaf', issuer: other, usages: ['code'] })
const trustRoot = crbLine('T.Root', true, root)

function compiled(
  lines: readonly string[],
  more: readonly { name: string; text: string }[] = [],
): Uint8Array {
  const { bytes, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [
      { name: 'a.crb', text: lines.join('\n') },
      { name: 'a.ndb', text: `Marker:0:*:${marker.toString('hex')}` },
      ...more,
    ],
  })
  assert.deepEqual(summary.refused, [])
  return bytes
}

const sets = new Map<string, Definitions>()

function opened(lines: readonly string[]): Definitions {
  const key = lines.join('\n')
  const definitions = sets.get(key) ?? openDefinitions(compiled(lines))
  sets.set(key, definitions)
  return definitions
}

/** `trusted`, the names of what is blocked, or `unknown`. */
function judged(file: Uint8Array, lines: readonly string[], at = now): string {
  const definitions = opened(lines)
  const { blocked, trustedBut, shortfall } = judgeProgram(
    bytesSource(file),
    definitions.certificates,
    () => {},
    at,
  )
  if (shortfall !== undefined) return shortfall
  assert.ok(trustedBut === undefined || blocked.length === 0)
  if (trustedBut !== undefined) return 'trusted'
  return blocked.map((id) => definitions.signature(id).name).join() || 'unknown'
}

/** A program signed by one under the root, or as the item says, judged by those who trust the root. */
function withRoot(item: Partial<SignatureItem>, table: TableItem = {}): string {
  return judged(signPe(program, { signer: leaf, embedded: [leaf, root], ...item }, table), [trustRoot])
}

function signedBy(item: CertificateItem, between: readonly Identity[] = []): string {
  const signer = makeIdentity({ usages: ['code'], issuer: root, ...item })
  return withRoot({ signer, embedded: [signer, ...between, root] })
}

test('what a trusted certificate signed is trusted, by whatever the chain leads through', () => {
  assert.equal(withRoot({}), 'trusted')
  assert.equal(withRoot({ embedded: [root, leaf] }), 'trusted')
  assert.equal(withRoot({ embedded: [leaf] }), 'trusted')
  assert.equal(withRoot({ embedded: [leaf, leaf, root, other] }), 'trusted')
  const between = makeIdentity({ name: 'Between', issuer: root, isAuthority: true, keyUsage: '000001' })
  const below = makeIdentity({ name: 'Below', issuer: between, usages: ['code'], keyUsage: '1' })
  const file = (embedded: readonly Identity[]) => signPe(program, { signer: below, embedded })
  assert.equal(judged(file([below, between, root]), [trustRoot]), 'trusted')
  assert.equal(judged(file([below, between]), [trustRoot]), 'trusted')
  assert.equal(judged(file([below, root]), [trustRoot]), 'unknown')
  assert.equal(judged(file([below]), [crbLine('T', true, between)]), 'trusted')
  assert.equal(judged(file([below]), [crbLine('T', true, below, 'c')]), 'trusted')
  assert.equal(judged(file([between, root]), [trustRoot]), 'unknown')
})

test('another signer, another key under the same name and a forged certificate are not trusted', () => {
  assert.equal(withRoot({ signer: otherLeaf, embedded: [otherLeaf, other] }), 'unknown')
  const impostor = makeIdentity({ name: 'Root', key: 'impostor', isAuthority: true })
  const under = makeIdentity({ name: 'Leaf', issuer: impostor, usages: ['code'] })
  assert.equal(withRoot({ signer: under, embedded: [under, impostor, root] }), 'unknown')
  assert.equal(signedBy({ name: 'Forged', isForged: true }), 'unknown')
})

test('the entry of the set says what its certificate may do, and from when on', () => {
  for (const [may, expected] of [
    ['cs', 'trusted'],
    ['c', 'unknown'],
    ['s', 'unknown'],
    ['ts', 'unknown'],
  ] as const) {
    const file = signPe(program, { signer: leaf, embedded: [leaf, root] })
    assert.equal(judged(file, [crbLine('T', true, root, may)]), expected, may)
  }
  const [subject, serial, key] = crbIdentity(root)
  const entry = (number: string, since: string) => `T;1;${subject};${number};${key};;1;1;1;${since};`
  const file = signPe(program, { signer: leaf })
  assert.equal(judged(file, [entry('', '')]), 'trusted')
  assert.equal(judged(file, [entry(serial, `${now / 1000}`)]), 'trusted')
  assert.equal(judged(file, [entry(serial, `${now / 1000 + 1}`)]), 'unknown')
  const alone = makeIdentity({ name: 'Alone', usages: ['code'] })
  const byAlone = signPe(program, { signer: alone })
  assert.equal(judged(byAlone, [crbLine('T', true, alone, 'cs')]), 'trusted')
  assert.equal(judged(byAlone, [crbLine('T', true, alone, 'c')]), 'unknown')
})

test('a blocked certificate is detected wherever it stands in the chain, however damaged the rest is', () => {
  const blocked = [crbLine('B.Leaf', false, leaf), crbLine('B.Root', false, root, ''), trustRoot]
  const file = signPe(program, { signer: leaf, embedded: [leaf, root] })
  assert.equal(judged(file, blocked), 'B.Leaf,B.Root')
  assert.equal(judged(file, [trustRoot, crbLine('B', false, leaf)]), 'B')
  assert.equal(judged(file, [crbLine('T', true, leaf), crbLine('B', false, root)]), 'B')
  const damaged: Partial<SignatureItem>[] = [
    { isForged: true },
    { statedDigest: Buffer.alloc(32) },
    { signers: 0 },
    { withoutAttributes: true },
    { digest: 'md5' },
  ]
  for (const item of damaged) {
    const spoiled = signPe(program, { signer: leaf, embedded: [leaf], ...item })
    assert.equal(judged(spoiled, blocked), 'B.Leaf', JSON.stringify(item))
  }
  const [subject, serial, key] = crbIdentity(leaf)
  assert.equal(judged(file, [`B;0;${subject};;${key};;0;0;0;0;`]), 'B')
  assert.equal(judged(file, [`B;0;${subject};${'00'.repeat(20)};${key};;0;0;0;0;`]), 'unknown')
  assert.equal(judged(file, [`B;0;${subject};${serial};${key.replace(/..$/, '01')};;0;0;0;0;`]), 'unknown')
  const nested = signPe(program, { signer: otherLeaf, nested: { signer: leaf } })
  assert.equal(judged(nested, blocked), 'unknown')
})

test('a byte changed anywhere in the program takes the trust away, but in the checksum', () => {
  const file = signPe(program, { signer: leaf, embedded: [leaf, root] })
  const checksum = file.readUInt32LE(0x3c) + 24 + 64
  for (let at = 0; at < program.length; at += 1) {
    const changed = Buffer.from(file)
    changed[at] = (changed[at] ?? 0) ^ 0x41
    const isChecksum = at >= checksum && at < checksum + 4
    assert.equal(judged(changed, [trustRoot]), isChecksum ? 'trusted' : 'unknown', `byte ${at}`)
  }
})

test('nothing may stand behind the signature, in its table or behind it', () => {
  assert.equal(withRoot({}, { padding: 1 }), 'unknown')
  assert.equal(withRoot({}, { lengthOff: -1 }), 'trusted')
  assert.equal(withRoot({}, { lengthOff: 8 }), 'unknown')
  assert.equal(withRoot({}, { sizeOff: 8 }), 'unknown')
  assert.equal(withRoot({}, { more: [{ signer: leaf }] }), 'unknown')
  assert.equal(withRoot({}, { revision: 0x100 }), 'unknown')
  assert.equal(withRoot({}, { type: 1 }), 'unknown')
  const item = { signer: leaf, embedded: [leaf, root] }
  const signature = makeSignature(program, item)
  assert.equal(judged(withTable(program, tableEntry(signature)), [trustRoot]), 'trusted')
  const tails = [
    tableEntry(Buffer.concat([signature, Buffer.alloc(8)])),
    Buffer.concat([tableEntry(signature), Buffer.alloc(8)]),
  ]
  for (const table of tails) assert.equal(judged(withTable(program, table), [trustRoot]), 'unknown')
  const file = signPe(program, item)
  assert.equal(judged(Buffer.concat([file, Buffer.alloc(8)]), [trustRoot]), 'unknown')
  assert.equal(judged(file.subarray(0, -8), [trustRoot]), 'unknown')
})

test('the signature must be over this file, in one of the digests that are believed', () => {
  for (const digest of ['sha1', 'sha256', 'sha384', 'sha512'] as const) {
    assert.equal(withRoot({ digest }), 'trusted', digest)
    assert.equal(withRoot({ digest, signatureHash: 'sha256', withoutNull: true }), 'trusted', digest)
  }
  assert.equal(withRoot({ digest: 'md5' }), 'unknown')
  assert.equal(withRoot({ signatureHash: 'md5' }), 'unknown')
  assert.equal(signedBy({ name: 'Md5', hash: 'md5' }), 'unknown')
  assert.equal(signedBy({ name: 'Sha1', hash: 'sha1' }), 'trusted')
  assert.equal(withRoot({ statedDigest: Buffer.alloc(32) }), 'unknown')
  assert.equal(withRoot({ statedMessageDigest: Buffer.alloc(32) }), 'unknown')
  assert.equal(withRoot({ contentType: '1.2.840.113549.1.7.1' }), 'unknown')
  assert.equal(withRoot({ isForged: true }), 'unknown')
  assert.equal(withRoot({ withoutAttributes: true }), 'unknown')
  for (const signers of [0, 2]) assert.equal(withRoot({ signers }), 'unknown')
})

test('keys must be RSA of 1,024 bits or more', () => {
  assert.equal(signedBy({ name: 'Curve', isElliptic: true }), 'unknown')
  assert.equal(signedBy({ name: 'Short', bits: 1016 }), 'unknown')
  assert.equal(signedBy({ name: 'Long', bits: 2048 }), 'trusted')
})

test('a certificate must permit what it was used for', () => {
  assert.equal(signedBy({ name: 'Server', usages: ['server'] }), 'unknown')
  assert.equal(signedBy({ name: 'Both', usages: ['server', 'code'] }), 'trusted')
  assert.equal(signedBy({ name: 'Any', usages: ['any'] }), 'unknown')
  assert.equal(signedBy({ name: 'Signs', keyUsage: '1' }), 'trusted')
  assert.equal(signedBy({ name: 'Encrypts', keyUsage: '001' }), 'unknown')
  assert.equal(signedBy({ name: 'Strange', isOdd: true }), 'unknown')
  const plain = makeIdentity({ name: 'Plain', issuer: root })
  assert.equal(withRoot({ signer: plain, embedded: [plain] }), 'unknown')
  const authority = (item: Partial<CertificateItem>) => {
    const between = makeIdentity({ name: 'Between', issuer: root, ...item })
    return signedBy({ name: 'Below', issuer: between }, [between])
  }
  assert.equal(authority({ isAuthority: true }), 'trusted')
  assert.equal(
    authority({ isAuthority: true, pathLength: 0, keyUsage: '000001', usages: ['code'] }),
    'trusted',
  )
  assert.equal(authority({ isAuthority: false }), 'unknown')
  assert.equal(authority({ usages: ['code'] }), 'unknown')
  assert.equal(authority({ isAuthority: true, keyUsage: '1' }), 'unknown')
  assert.equal(authority({ isAuthority: true, usages: ['time'] }), 'unknown')
  assert.equal(authority({ isAuthority: true, isOdd: true }), 'unknown')
  const upper = makeIdentity({ name: 'Upper', issuer: root, isAuthority: true, pathLength: 0 })
  const lower = makeIdentity({ name: 'Lower', issuer: upper, isAuthority: true })
  assert.equal(signedBy({ name: 'Deep', issuer: lower }, [lower, upper]), 'unknown')
})

const past = { from: new Date('2010-01-01'), to: new Date('2020-01-01') }

test('without a counter-signature the certificates must be valid now', () => {
  assert.equal(signedBy({ name: 'Expired', ...past }), 'unknown')
  assert.equal(signedBy({ name: 'Early', from: new Date('2030-01-01') }), 'unknown')
  const between = makeIdentity({ name: 'Between', issuer: root, isAuthority: true, ...past })
  assert.equal(signedBy({ name: 'Below', issuer: between }, [between]), 'unknown')
  const file = signPe(program, {
    signer: makeIdentity({ name: 'Old', issuer: root, usages: ['code'], ...past }),
  })
  assert.equal(judged(file, [trustRoot], Date.parse('2015-01-01')), 'trusted')
})

test('a trusted counter-signature says when the certificates must have been valid, another takes the trust away', () => {
  const signer = makeIdentity({ name: 'Expired', issuer: root, usages: ['code'], ...past })
  const clock = makeIdentity({ name: 'Clock', issuer: root, usages: ['time'], ...past })
  const at = (countersignedAt: string, item: Partial<SignatureItem> = {}) =>
    withRoot({
      signer,
      embedded: [signer, clock, root],
      countersigner: clock,
      countersignedAt: new Date(countersignedAt),
      ...item,
    })
  assert.equal(at('2015-01-01'), 'trusted')
  assert.equal(at('2015-01-01', { countersignatureHash: 'sha256' }), 'trusted')
  assert.equal(at('2015-01-01', { countersignatureHash: 'md5' }), 'unknown')
  assert.equal(at('2015-01-01', { isCountersignatureForged: true }), 'unknown')
  assert.equal(at('2021-01-01'), 'unknown')
  assert.equal(at('2009-01-01'), 'unknown')
  assert.equal(at('2015-01-01', { embedded: [signer, root] }), 'unknown')
  const strange = makeIdentity({ name: 'Strange clock', issuer: other, usages: ['time'], ...past })
  assert.equal(at('2015-01-01', { countersigner: strange, embedded: [signer, strange, other] }), 'unknown')
  assert.equal(at('2015-01-01', { countersigner: signer }), 'unknown')
  const fresh = { signer: leaf, embedded: [leaf, clock, root] }
  assert.equal(at('2021-01-01', fresh), 'unknown')
  assert.equal(at('2015-01-01', { ...fresh, isCountersignatureForged: true }), 'unknown')
  const file = signPe(program, {
    signer,
    embedded: [signer, clock],
    countersigner: clock,
    countersignedAt: new Date('2015-01-01'),
  })
  assert.equal(judged(file, [crbLine('T', true, root, 'cs')]), 'unknown')
})

const signed = signPe(program, { signer: leaf, embedded: [leaf, root] })

async function scanned(
  bytes: Uint8Array,
  lines: readonly string[],
  more: readonly { name: string; text: string }[] = [],
): Promise<string> {
  return inWords(await scanHere({ bytes }, {}, undefined, compiled(lines, more)))
}

test('a trusted program is clean whatever else would be found in it, and alone: not what it lies in', async () => {
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  const archive = makeZip([{ name: 'a.exe', data: signed }])
  const hashes = [
    {
      name: 'a.hsb',
      text: `${sha256(signed)}:${signed.length}:Hash\n${sha256(archive)}:${archive.length}:Archive`,
    },
    {
      name: 'a.yar',
      text: 'rule signed { strings: $a = "MZ" condition: $a at 0 and filesize > 10 and for all i in (1..2): (i < 3) }',
    },
  ]
  assert.equal(await scanned(signed, [trustRoot], hashes), 'clean')
  assert.match(await scanned(signed, [], hashes), /infected Marker.*infected Hash/)
  assert.equal(await scanned(archive, [trustRoot], hashes), 'infected Archive')
  const two = makeZip([
    { name: 'a.exe', data: signed },
    { name: 'b.exe', data: program },
  ])
  assert.equal(await scanned(two, [trustRoot]), 'infected Marker@b.exe')
  const inside = Buffer.concat([program, makeZip([{ name: 'x', data: marker }])])
  const around = signPe(inside, { signer: leaf, embedded: [leaf, root] })
  assert.equal(await scanned(around, [trustRoot]), 'clean')
})

test('a blocked certificate is found in containers, beside other signatures, unless a hash allows the file', async () => {
  const blocked = [crbLine('B.Leaf', false, leaf)]
  assert.equal(await scanned(signed, blocked), 'infected Marker, infected B.Leaf')
  const archive = makeZip([{ name: 'a.exe', data: signed }])
  assert.equal(await scanned(archive, blocked), 'infected Marker@a.exe, infected B.Leaf@a.exe')
  const md5 = createHash('md5').update(signed).digest('hex')
  const allow = [{ name: 'a.fp', text: `${md5}:${signed.length}:Allowed` }]
  assert.equal(await scanned(signed, blocked, allow), 'clean')
})

test('what a trusted signature does not sign is searched: the table that it stands in', async () => {
  const ballast = sequence(oid('1.2.3.4'), der(0x31, octets(marker)))
  const harmless = makePe({
    sections: [
      { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: Buffer.alloc(512) },
    ],
  })
  const file = signPe(harmless, { signer: leaf, embedded: [leaf, root], ballast })
  assert.equal(judged(file, [trustRoot]), 'trusted')
  assert.equal(await scanned(file, [trustRoot]), 'infected Marker')
})

test('what a trusted program was clean for is said of no signature that is added later', async () => {
  const { surface } = await scanHere({ bytes: signed }, {}, undefined, compiled([trustRoot]))
  assert.notEqual((surface?.bits ?? 0) & surfaceBits.handled, 0)
})

test('a set without certificates reads nothing of a signed program', () => {
  const source = { size: signed.length, read: () => assert.fail('it was read') }
  const { certificates } = openDefinitions(compiled([]))
  assert.deepEqual(
    judgeProgram(source, certificates, () => {}),
    {
      blocked: [],
      trustedBut: undefined,
      shortfall: undefined,
    },
  )
})

test('more certificates, elements or bytes than are looked at are told, so that the file is not clean', async () => {
  const embedded = Array.from({ length: 65 }, (_, index) =>
    makeIdentity({ name: 'Many', key: 'many', serial: index }),
  )
  const cases: [Partial<SignatureItem>, RegExp][] = [
    [{ embedded }, /64 certificates/],
    [{ ballast: sequence(...Array.from({ length: 10_001 }, () => nothing)) }, /10000 elements/],
    [{ ballast: Array.from({ length: 70 }).reduce<Buffer>((inner) => sequence(inner), nothing) }, /64 deep/],
    [{ ballast: octets(Buffer.alloc(2 * 1024 * 1024)) }, /2097152 bytes/],
  ]
  for (const [item, reason] of cases) {
    const file = signPe(program, { signer: leaf, ...item })
    assert.match(judged(file, [crbLine('T', true, other)]), reason)
  }
  const file = signPe(program, { signer: leaf, embedded })
  assert.match(await scanned(file, [trustRoot]), /unscanned budget-exceeded/)
})

test('a chain in a circle, and many that are signed by one name, end', () => {
  const circle = Array.from({ length: 60 }, (_, index) =>
    makeIdentity({ name: 'Circle', key: 'circle', isAuthority: true, serial: index }),
  )
  const signer = makeIdentity({ name: 'Round', issuer: circle[0] as Identity, usages: ['code'] })
  const file = signPe(program, { signer, embedded: [signer, ...circle] })
  const started = performance.now()
  assert.equal(judged(file, [trustRoot]), 'unknown')
  assert.ok(performance.now() - started < 2000)
})

test('the check is asked while a file is hashed, and what it throws passes through', () => {
  const { certificates } = openDefinitions(compiled([trustRoot]))
  let asked = 0
  const check = () => {
    asked += 1
    if (asked > 2) throw new RangeError('enough')
  }
  assert.throws(() => judgeProgram(bytesSource(signed), certificates, check, now), /enough/)
})

test('2,000 damaged signatures are judged without an exception, in bounded time, and none of them makes another program trusted', (context) => {
  const nested = { signer: otherLeaf, embedded: [otherLeaf, other] }
  const file = signPe(program, { signer: leaf, embedded: [leaf, root], countersigner: leaf, nested })
  const definitions = openDefinitions(compiled([trustRoot, crbLine('B', false, other)]))
  let state = 20261125
  const whole = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const interesting = [0, 1, 0x7f, 0x80, 0x81, 0x84, 0xff, 0x30, 0x31, 0xa0]
  let dearest = 0
  for (let round = 0; round < 2000; round += 1) {
    const changed = Buffer.from(file)
    changed[0x480] = 0x41
    for (let count = 1 + whole(4); count > 0; count -= 1) {
      const at = program.length + 8 + whole(file.length - program.length - 8)
      changed[at] = whole(2) === 0 ? (interesting[whole(interesting.length)] ?? 0) : whole(256)
    }
    const started = performance.now()
    const { trustedBut } = judgeProgram(bytesSource(changed), definitions.certificates, () => {}, now)
    dearest = Math.max(dearest, performance.now() - started)
    assert.equal(trustedBut, undefined)
  }
  context.diagnostic(`the dearest took ${dearest.toFixed(1)} ms`)
  assert.ok(dearest < 1000)
  // Numbers and names that nobody could have signed are no certificates.
  const { certificates } = definitions
  const empty = withTable(program, tableEntry(sequence(oid('1.2.840.113549.1.7.2'), integer(1))))
  assert.equal(judgeProgram(bytesSource(empty), certificates, () => {}, now).shortfall, undefined)
})
