/**
 * Definitions: what is compiled of any text can be opened and matched with, and a set that somebody changed under fitting digests is refused or
 * does no harm. So it is with the compiler's memory of former sets, and with ClamAV's sets.
 */
import { compileDefinitions, DefinitionsError, openDefinitions } from '@coreward/definitions'
import {
  decodeFormerSets,
  encodeFormerSets,
  noFormerSets,
  withSet,
} from '../../../packages/definitions/src/additions/former-sets.ts'
import { sealed, smallSet } from '../../../packages/definitions/src/definitions.fixture.ts'
import { hashTableNames } from '../../../packages/definitions/src/layout.ts'
import { Refusal } from '../../../packages/definitions/src/parse/pattern.ts'
import { openSignatureSet } from '../../../packages/definitions/src/sets/open-signature-set.ts'
import { makeSet, testKeys } from '../../../packages/definitions/src/sets/signature-set.fixture.ts'
import { bytesSource } from '../../../packages/engine/src/byte-source.ts'
import { createMatcher } from '../../../packages/engine/src/match/matcher.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const content = Buffer.from('one two three four evil-bytes begin MZ name the end abcdez'.repeat(20))
const matcherOptions = { windowBytes: 64, workBase: 200_000 }

/** Follows what the public interface follows; how many were found. */
function use(bytes: Uint8Array): number {
  const definitions = openDefinitions(bytes)
  for (let id = 0; id < definitions.signatureCount; id += 1)
    mustHold(definitions.signature(id).name !== '', 'no name')
  for (const byte of [0x4d, 0x5a, 0]) definitions.certificates.find(new Uint8Array(20).fill(byte))
  for (const name of hashTableNames) {
    for (const size of [0, 68, 0xfffffffe]) {
      if (definitions.hashes[name].wants(size))
        definitions.hashes[name].find(new Uint8Array(32).fill(0x44), size)
    }
  }
  const { hits } = createMatcher(definitions, matcherOptions).match(bytesSource(content), { target: 0 })
  mustHold(
    hits.every(({ offset }) => offset >= 0 && offset < content.length),
    'a hit is outside the content',
  )
  return hits.length
}

function isRefused(error: unknown): string {
  if (error instanceof DefinitionsError) return error.code
  throw error
}

const formats = ['ndb', 'ldb', 'cdb', 'ftm', 'hdb', 'hsb', 'pdb', 'wdb', 'crb', 'fp', 'yar'] as const

export const targets: readonly FuzzTarget[] = [
  {
    name: 'definitions:set',
    longest: 64 * 1024,
    seeds: () => [smallSet()],
    repair(input) {
      const whole = Uint8Array.from(input)
      try {
        input.set(sealed(whole))
      } catch (error) {
        // Too short for what is to be put right.
        if (!(error instanceof RangeError)) throw error
      }
    },
    run(input) {
      try {
        return use(Uint8Array.from(input))
      } catch (error) {
        return isRefused(error)
      }
    },
  },
  {
    name: 'definitions:compile',
    longest: 2048,
    seeds: () =>
      [
        '0Test.A:1:EP+5,64:4d5a??90{3}0?0300{4-8}(B)fffe(61|6263|64??)65!(00|01)66*7a[1-4]6364(W)\nTest.B:0:*:6162636465',
        '1Test.A;Engine:51-255,Target:0;0&(1|2)>2,1;6162636465;0,64:74776f::iwa;7468726565\nTest.B;Engine:81-255,Target:0;0&1;6162636465;0/a(b|c)+d/i',
        '2Test.A:CL_TYPE_ZIP:*:(?i)^[a-z]+\\.exe$:*:1-99:1:*:ff00:*',
        '31:0,64:3c68(54|74)6d6c*3e{1-9}3c:H:CL_TYPE_TEXT_ASCII:CL_TYPE_HTML:1',
        '444d88612fea8a8f36de82e1278abb02f:68:Test.A',
        '6H:bank.example\nR:.+:.+\\.bank\\.example',
      ].map((text) => Buffer.from(text)),
    run(input) {
      const format = formats[((input[0] ?? 0) & 15) % formats.length] ?? 'ndb'
      const text = Buffer.from(input.subarray(1)).toString('latin1')
      const files = [{ name: `a.${format}`, text }]
      const { bytes, summary } = compileDefinitions({
        version: '1',
        createdAt: '2026-11-25T00:00:00Z',
        files,
      })
      return `${use(bytes)} ${summary.refused.length}`
    },
  },
  {
    name: 'definitions:former-sets',
    seeds: () => {
      const set = { version: '1', sha256: 'ab'.repeat(32), settled: 'x' }
      return [
        encodeFormerSets(
          withSet({ ...noFormerSets(), secret: 'cd'.repeat(16) }, set, Uint32Array.from([1, 2, 3, 4])),
        ),
      ]
    },
    run: (input) => JSON.stringify(decodeFormerSets(input)?.sets ?? 'none'),
  },
  {
    name: 'definitions:signature-set',
    longest: 8 * 1024,
    seeds: async () => [
      await makeSet(),
      await makeSet({ compress: false }),
      await makeSet({ signHeader: true, signInfo: true }),
      await makeSet({ more: [{ name: 'link', type: 'symlink' }], compress: false }),
    ],
    async run(input) {
      try {
        const { files, verification } = await openSignatureSet('a.cvd', input, testKeys)
        return `${verification.outcome} ${files.map(({ name }) => name).join()}`
      } catch (error) {
        if (error instanceof Refusal) return error.message
        throw error
      }
    },
  },
]
