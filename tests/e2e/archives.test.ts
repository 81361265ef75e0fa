/**
 * Archives that a library opens, in the agent's own processes: the scanner starts a thread for it after it has given up its rights, when it may
 * not read its own code any more.
 */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eicar } from '../fixtures/eicar.ts'
import { coreward, startProduct, temporaryFolder } from './product.ts'

/** A cpio archive of one file, in the new form (cpio(5)): the library opens it too. */
function cpioOf(name: string, data: Uint8Array): Buffer {
  const entry = (label: string, content: Uint8Array) => {
    const numbers = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, label.length + 1, 0]
    const head = `070701${numbers.map((value) => value.toString(16).padStart(8, '0')).join('')}${label}\0`
    const padded = (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
    return Buffer.concat([padded(Buffer.from(head)), padded(content)])
  }
  return Buffer.concat([entry(name, data), entry('TRAILER!!!', Buffer.alloc(0))])
}

test('an agent looks into archives that need a decoder', async () => {
  await using temporary = await temporaryFolder('archives')
  const dataFolder = join(temporary.path, 'data')
  const files = join(temporary.path, 'files')
  await mkdir(files)
  const archive = cpioOf('inner/bad.com', eicar())
  await writeFile(join(files, 'a.cpio'), archive)
  await writeFile(join(files, 'cut.cpio'), cpioOf('a.txt', Buffer.alloc(5000, 'a')).subarray(0, 3000))
  const options = ['--data-folder', dataFolder, '--agent-port', '0', '--console-port', '0', '--no-scan']
  await using product = startProduct(options)
  await product.printed(/Everything keeps running/)
  const { code, stdout, stderr } = await coreward(dataFolder, ['--output', 'json', 'scan', files])
  assert.equal(code, 1, stderr)
  const { summary, findings } = JSON.parse(stdout)
  assert.equal(summary.filesInfected, 1)
  assert.deepEqual(summary.unscanned, { damaged: 1 })
  assert.match(JSON.stringify(findings), /inner\/bad\.com/)
})
