/**
 * The matcher on definitions that somebody changed and sealed again with a fitting digest. What opening does not refuse,
 * the matcher must get through: no exception, no loop without end, no read outside its tables.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { compileDefinitions, DefinitionsError, openDefinitions } from '@coreward/definitions'
import { bytesSource } from '../byte-source.ts'
import { createMatcher } from './matcher.ts'
import { randomBytesLogical } from './random-bytes.fixture.ts'
import { randomLogical } from './random-logical.fixture.ts'
import { randomRegexLogical } from './random-regex.fixture.ts'
import { randomContent, randomSignature, seededRandom } from './random-signatures.fixture.ts'

/** Where the digest stands, how long the resident part is, and where sections begin: docs/formats/definitions.md. */
const DIGEST = 112
const RESIDENT_LENGTH = 144
const SECTIONS = 464

function seal(bytes: Uint8Array, residentLength: number): void {
  const rest = createHash('sha256')
    .update(bytes.subarray(0, DIGEST))
    .update(bytes.subarray(RESIDENT_LENGTH, residentLength))
  bytes.set(rest.digest(), DIGEST)
}

test('definitions changed under a fitting digest are refused when opened, or matched with to an end', () => {
  const odd = [0, 1, 2, 3, 0x7fffffff, 0x80000000, 0xffffffff]
  let refused = 0
  let matched = 0
  for (let seed = 1; seed <= 40; seed += 1) {
    const random = seededRandom(seed)
    const options = { alphabet: 'abc \n', leadBytes: 3, oddStarts: true, farthest: 20 }
    const signatures = Array.from({ length: 6 }, () => randomSignature(random, options))
    const text = signatures.map(({ offset, hex }, index) => `S${index}:0:${offset}:${hex}`).join('\n')
    const logicals = Array.from({ length: 6 }, (_, index) => {
      const { head, patterns } = randomLogical(random, options)
      return [
        `L${index}`,
        head,
        ...patterns.map(({ offset, hex, modifiers }) => `${offset}:${hex}${modifiers}`),
      ].join(';')
    })
    const expressions = Array.from({ length: 6 }, (_, index) => `R${index};${randomRegexLogical(random)}`)
    expressions.push(...Array.from({ length: 6 }, (_, index) => `B${index};${randomBytesLogical(random)}`))
    const { bytes: set } = compileDefinitions({
      version: '1',
      createdAt: '2026-11-24T00:00:00Z',
      files: [
        { name: 'random.ndb', text },
        { name: 'random.ldb', text: [...logicals, ...expressions].join('\n') },
      ],
    })
    const content = randomContent(random, signatures, 2000, options)
    for (let round = 0; round < 150; round += 1) {
      const changed = set.slice()
      const view = new DataView(changed.buffer)
      const residentLength = view.getUint32(RESIDENT_LENGTH, true)
      for (let count = 1 + random.whole(2); count > 0; count -= 1) {
        const place = SECTIONS + 4 * random.whole((residentLength - SECTIONS) / 4)
        if (random.chance(0.5)) view.setUint32(place, random.pick(odd), true)
        else view.setUint32(place, view.getUint32(place, true) ^ (1 << random.whole(32)), true)
      }
      seal(changed, residentLength)
      try {
        const matcher = createMatcher(openDefinitions(changed), { windowBytes: 64, workBase: 1_000_000 })
        const { hits } = matcher.match(bytesSource(content), { target: 0 })
        assert.ok(hits.every(({ offset }) => offset >= 0 && offset < Math.max(1, content.length)))
        matched += 1
      } catch (error) {
        assert.ok(
          error instanceof DefinitionsError && ['malformed', 'checksum'].includes(error.code),
          `seed ${seed}: ${error}`,
        )
        refused += 1
      }
    }
  }
  assert.ok(refused > 500 && matched > 500, `${refused} refused and ${matched} matched are no test`)
})
