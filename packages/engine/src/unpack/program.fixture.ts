/** A harmless program that only its hash finds, so that what a test finds was taken out whole. Never imported by production code. */
import { createHash } from 'node:crypto'
import { compileDefinitions } from '@coreward/definitions'
import { inWords, scanHere } from '../scanner.fixture.ts'

export const program = Buffer.from(`MZ nothing at all ${'.'.repeat(99)}`)

export const programLine = `${createHash('md5').update(program).digest('hex')}:${program.length}:Program\n`

const set = compileDefinitions({
  version: 'program',
  createdAt: '2026-11-25T00:00:00Z',
  files: [{ name: 'program.hdb', text: programLine }],
}).bytes

/** The verdict on one line. */
export async function programWords(
  bytes: Uint8Array,
  limits: Parameters<typeof scanHere>[1] = {},
): Promise<string> {
  return inWords(await scanHere({ bytes }, limits, () => {}, set))
}
