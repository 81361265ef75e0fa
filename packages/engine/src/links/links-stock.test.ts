/**
 * Links in mails beside stock clamscan: random lines of .pdb, .wdb and .gdb over random mails with one link each, with the options for SSL and
 * cloaked addresses too. COREWARD_ORACLE_SEEDS is how many seeds are tried.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import type { AlertName } from '../alerts/alerts.ts'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { defaultLimits } from '../limits.ts'
import { clamscanMissing } from '../match/clamscan.fixture.ts'
import { seededRandom } from '../match/random-signatures.fixture.ts'
import { unpackMail } from '../unpack/mail.ts'
import { createLinkJudge } from './link-judge.ts'
import { linkMail, randomLink, randomLinkLines } from './links.fixture.ts'

const seeds = Number(process.env.COREWARD_ORACLE_SEEDS ?? 6)
const MAILS = 60

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

async function ours(mail: Buffer, set: Uint8Array, alerts: readonly AlertName[]): Promise<string[]> {
  const judge = createLinkJudge(openDefinitions(set).links)
  const found = new Set<string>()
  for await (const part of unpackMail(
    bytesSource(mail),
    createBudget(defaultLimits, () => false),
  )) {
    if (part.kind !== 'content' || part.isShown !== true) continue
    const told = judge?.judge(part.content, new Set(alerts), () => {})
    for (const { signature } of told?.found ?? []) found.add(signature)
  }
  return [...found].sort()
}

function theirs(
  mails: readonly Buffer[],
  lines: Record<string, string[]>,
  folder: string,
  options: readonly string[],
): string[][] {
  mkdirSync(join(folder, 'set'), { recursive: true })
  mkdirSync(join(folder, 'mails'))
  for (const [format, some] of Object.entries(lines)) {
    if (some.length > 0) writeFileSync(join(folder, 'set', `a.${format}`), `${some.join('\n')}\n`)
  }
  mails.forEach((mail, index) => {
    writeFileSync(join(folder, 'mails', `${index}`), mail)
  })
  const { status, stdout, stderr } = spawnSync(
    'clamscan',
    [`--database=${join(folder, 'set')}`, '--allmatch', '--no-summary', ...options, join(folder, 'mails')],
    { encoding: 'utf8' },
  )
  assert.ok(status === 0 || status === 1, stderr)
  return mails.map((_, index) => {
    const found = [...stdout.matchAll(/\/(\d+): (\S+) FOUND$/gm)].filter(([, file]) => Number(file) === index)
    return [...new Set(found.map(([, , name = '']) => name))].sort()
  })
}

test('what is told of links is what stock tells', { skip: clamscanMissing }, async () => {
  const names = new Map<string, number>()
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = seededRandom(seed)
    const mails = Array.from({ length: MAILS }, () =>
      Buffer.from(linkMail(random, randomLink(random)), 'latin1'),
    )
    const lines = randomLinkLines(random, sha256)
    // With a .gdb stock judges no pair whose real address it cannot hash.
    const isPlain = lines.gdb.length > 0
    const isSsl = !isPlain && random.whole(3) === 0
    const isCloak = !isPlain && random.whole(3) === 0
    const options = [
      ...(isSsl ? ['--alert-phishing-ssl=yes'] : []),
      ...(isCloak ? ['--alert-phishing-cloak=yes'] : []),
    ]
    const alerts = [
      ...(isSsl ? (['spoofed-ssl'] as const) : []),
      ...(isCloak ? (['cloaked-links'] as const) : []),
    ]
    const files = Object.entries(lines).map(([format, some]) => ({
      name: `a.${format}`,
      text: some.join('\n'),
    }))
    const { bytes, summary } = compileDefinitions({ version: '1', createdAt: '2026-11-25T00:00:00Z', files })
    assert.deepEqual(summary.refused, [])
    const folder = mkdtempSync(join(tmpdir(), 'coreward-links-'))
    try {
      const expected = theirs(mails, lines, folder, options)
      for (const [index, mail] of mails.entries()) {
        const found = await ours(mail, bytes, alerts)
        for (const name of found) names.set(name, (names.get(name) ?? 0) + 1)
        assert.deepEqual(
          found,
          expected[index],
          `seed ${seed}, ${options}\n${JSON.stringify(lines)}\n${mail}`,
        )
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  assert.ok(
    [...names.values()].reduce((sum, count) => sum + count, 0) > 5 * seeds,
    JSON.stringify([...names]),
  )
  assert.ok(names.size >= 3, JSON.stringify([...names]))
})
