/**
 * An update that adds signatures, with the real server and the real agent: what they could touch is read again, against them alone; what they
 * could not touch is not.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import type { ScanSummary } from '@coreward/contracts'
import { coreward, eventually, startProduct, temporaryFolder } from './product.ts'

const hex = (text: string) => Buffer.from(text).toString('hex')
const elf = (text: string) =>
  Buffer.concat([Buffer.from('\x7fELF', 'latin1'), Buffer.alloc(60), Buffer.from(text)])

interface ScanAnswer {
  readonly state: string
  readonly summary: ScanSummary
  readonly findings: readonly { readonly kind: string; readonly path: string; readonly signature?: string }[]
}

test('signatures that are added find what is there, and unchanged files that they are not for are not read again', async () => {
  await using temporary = await temporaryFolder('additions')
  const dataFolder = join(temporary.path, 'data')
  const signatures = join(temporary.path, 'signatures')
  const files = join(temporary.path, 'files')
  const elsewhere = join(temporary.path, 'elsewhere')
  await mkdir(signatures)
  await mkdir(files)
  await mkdir(elsewhere)
  for (let number = 0; number < 40; number += 1) {
    await writeFile(join(files, `${number}.txt`), `a text, the ${number}th of its kind\n`)
    await writeFile(join(files, `${number}.bin`), elf(`a program, the ${number}th of its kind`))
  }
  const marked = 'a text that is known by its hash\n'
  await writeFile(join(files, 'hashed.txt'), marked)
  await writeFile(join(files, 'marked.bin'), elf('with a marker for programs'))
  // Of the size of some text, so that its hash is computed.
  await writeFile(join(signatures, 'own.hsb'), `${'0'.repeat(64)}:${marked.length}:Own.Nothing\n`)

  // The scan that a start makes is of something else.
  const options = [
    '--agent-port',
    '0',
    '--console-port',
    '0',
    '--signatures',
    signatures,
    '--scan-path',
    elsewhere,
  ]
  const withProduct = async (work: () => Promise<void>) => {
    await using product = startProduct(['--data-folder', dataFolder, ...options])
    await product.printed(/Everything keeps running/)
    await work()
    await product.interrupt()
  }
  const scan = async (...words: string[]): Promise<ScanAnswer> => {
    const { stdout, stderr } = await coreward(dataFolder, ['--output', 'json', 'scan', ...words, files])
    assert.ok(stdout.startsWith('{'), stderr)
    const answer = JSON.parse(stdout) as ScanAnswer
    assert.equal(answer.state, 'completed')
    return answer
  }
  const countsOf = ({ summary }: ScanAnswer) => {
    const { filesScanned, filesUnchanged, filesAnswered, filesAgainstAdditions } = summary
    return { filesScanned, filesUnchanged, filesAnswered, filesAgainstAdditions }
  }
  let version: string | null = null

  await withProduct(async () => {
    // Files that were just written might change again within a tick of the clock, so they are not remembered at once.
    const first = await eventually('all files are known', async () => {
      const { summary } = await scan()
      return summary.filesUnchanged === 82 ? summary : undefined
    })
    version = first.definitionsVersion
  })

  const sha256 = createHash('sha256').update(marked).digest('hex')
  await writeFile(join(signatures, 'new.hsb'), `${sha256}:${marked.length}:Own.Hash\n`)
  await writeFile(join(signatures, 'new.ndb'), `Own.Program:6:*:${hex('marker for programs')}\n`)
  await withProduct(async () => {
    await eventually('the update', async () => {
      const { stdout } = await coreward(dataFolder, ['--output', 'json', 'definitions', 'show'])
      return JSON.parse(stdout).active?.version === version ? undefined : true
    })
    const second = await scan()
    assert.deepEqual(
      second.findings
        .map(({ path, signature }) => `${path.slice(files.length + 1)}: ${signature}`)
        .toSorted(),
      ['hashed.txt: Own.Hash', 'marked.bin: Own.Program'],
    )
    // 40 programs for the marker alone; the hash was computed of the text that has it, and no other is of its size.
    assert.deepEqual(countsOf(second), {
      filesScanned: 82,
      filesUnchanged: 40,
      filesAnswered: 40,
      filesAgainstAdditions: 40,
    })
    assert.deepEqual(countsOf(await scan()), {
      filesScanned: 82,
      filesUnchanged: 80,
      filesAnswered: 0,
      filesAgainstAdditions: 0,
    })
    assert.equal((await scan('--fresh')).summary.filesUnchanged, 0)
  })
})
