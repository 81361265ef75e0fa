/**
 * kill -9 of each process in the middle of a scan. Whatever dies: no file that was not read is called clean, what was found
 * stays found, and every event arrives at the server once.
 */
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { endpoints } from '@coreward/contracts'
import { eicar } from '../fixtures/eicar.ts'
import { type Operator, operatorBy } from './operator.ts'
import { coreward, eventually, type Product, startProduct, temporaryFolder } from './product.ts'

const fileCount = 6000
const infectedEvery = 200
const infectedCount = fileCount / infectedEvery

/** Enough files for a scan of some seconds, among them EICAR files at known places. */
async function makeFiles(folder: string): Promise<void> {
  const filler = Buffer.alloc(100_000, 'The quick brown fox jumps over the lazy dog. ')
  for (let number = 0; number < fileCount; number += 1) {
    const below = join(folder, String(Math.floor(number / 500)))
    if (number % 500 === 0) await mkdir(below, { recursive: true })
    await writeFile(join(below, `${number}.txt`), number % infectedEvery === 7 ? eicar() : filler)
  }
}

/** Kills a process of the product once a scan runs, and gives what the scan came to. */
async function scanWithKill(
  product: Product,
  operator: Operator,
  { dataFolder, files }: { readonly dataFolder: string; readonly files: string },
  main: string,
) {
  const scan = coreward(dataFolder, ['--output', 'json', 'scan', '--fresh', files])
  // The server hears of it within half a second, and is asked much more often than a command could be started.
  await eventually('a scan under way', async () => {
    const { items } = await operator.call(endpoints.listScans, { query: {} })
    return items.some(({ state, progress }) => state === 'running' && (progress?.filesDone ?? 0) > 0)
      ? true
      : undefined
  })
  const [pid] = await product.processes(main)
  assert.ok(pid !== undefined, `no process runs ${main}`)
  process.kill(pid, 'SIGKILL')
  return scan
}

test('whatever is killed in the middle of a scan, nothing is lost, doubled or called clean unread', async (t) => {
  await using temporary = await temporaryFolder('kills')
  const dataFolder = join(temporary.path, 'data')
  const files = join(temporary.path, 'files')
  await makeFiles(files)
  const options = ['--data-folder', dataFolder, '--agent-port', '0', '--console-port', '0', '--no-scan']
  await using product = startProduct(options)
  const [, link = ''] = await product.printed(/(http:\S+\/setup#token=\S+)/)
  const operator = await operatorBy(link)
  await product.printed(/Everything keeps running/)

  const goesOn = (main: string) => async () => {
    const { code, stdout, stderr } = await scanWithKill(product, operator, { dataFolder, files }, main)
    assert.equal(code, 1, stderr)
    const { state, summary, findings } = JSON.parse(stdout)
    assert.equal(state, 'completed')
    const unscanned = Object.values(summary.unscanned as Record<string, number>).reduce((a, b) => a + b, 0)
    assert.equal(summary.filesScanned + unscanned, fileCount)
    const paths = new Set(findings.map(({ path }: { path: string }) => path))
    for (let number = 7; number < fileCount; number += infectedEvery)
      assert.ok(paths.has(join(files, String(Math.floor(number / 500)), `${number}.txt`)), `${number}.txt`)
  }
  await t.test('the scanner: the scan goes on, and no file is lost from it', goesOn('scanner/main.js'))
  await t.test(
    'the guard: the scan goes on, and no file is lost from it',
    { skip: process.getuid?.() === 0 ? false : 'only root has a guard' },
    goesOn('guard/main.js'),
  )

  await t.test('the daemon: the scan is told as interrupted, and the next one is whole', async () => {
    const { code, stdout } = await scanWithKill(product, operator, { dataFolder, files }, 'daemon/main.js')
    assert.equal(code, 2)
    assert.match(JSON.parse(stdout).error.message, /The agent closed the connection before it answered/)
    await eventually('the interrupted scan at the server', async () => {
      const { items } = await operator.call(endpoints.listScans, { query: {} })
      return items.some(({ state }) => state === 'interrupted') ? true : undefined
    })
    const next = await eventually('a scan by the new daemon', async () => {
      const result = await coreward(dataFolder, ['--output', 'json', 'scan', files])
      return result.code === 1 ? result : undefined
    })
    assert.equal(JSON.parse(next.stdout).summary.filesInfected, infectedCount)
  })

  await t.test(
    'the server: the scan goes on, the server is started again and hears of all of it',
    async () => {
      const { code } = await scanWithKill(product, operator, { dataFolder, files }, 'server/src/main.ts')
      assert.equal(code, 1)
      await product.printed(/The server was killed\. It is started again …\nThe server runs again\./)
      const [detections, host] = await eventually('the server', async () => [
        await operator.call(endpoints.listDetections, { query: { limit: 500 } }),
        await operator.call(endpoints.listAgents, { query: {} }),
      ])
      assert.equal(detections?.total, infectedCount)
      assert.equal(host?.total, 1)
    },
  )

  await t.test('in the end every event of the agent is at the server, once', async () => {
    await eventually('all delivered', async () => {
      const { stdout } = await coreward(dataFolder, ['--output', 'json', 'status'])
      return JSON.parse(stdout).spooledEvents === 0 ? true : undefined
    })
    await sleep(500)
    const told = JSON.parse(
      (await coreward(dataFolder, ['--output', 'json', 'events', '--limit', '10000'])).stdout,
    )
    const stored = await operator.events()
    const ids = stored.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length, 'an event is stored twice')
    const kept = told.items.map(({ id }: { id: string }) => id)
    assert.ok(kept.length > infectedCount * 4)
    assert.deepEqual(new Set(kept), new Set(ids))
    const started = stored.filter(({ content }) => content.type === 'scan.started').length
    const finished = stored.filter(({ content }) => content.type === 'scan.finished').length
    assert.equal(finished, started)
  })

  await t.test('the starter itself: all that it started ends, and the next start goes on', async () => {
    // Before it stand npm and a shell, whose command lines hold its name too.
    const starter = Math.max(...(await product.processes('tools/start.ts')))
    const rest = await product.processes('apps/')
    assert.ok(rest.length >= 3)
    process.kill(starter, 'SIGKILL')
    await eventually('the end of all of it', async () => (rest.some(isAlive) ? undefined : true))
    await using again = startProduct(options)
    await again.printed(/Everything keeps running/)
    assert.doesNotMatch(again.output(), /setup#token/)
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
