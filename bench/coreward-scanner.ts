/**
 * The process that is measured for coreward: loads the definitions named on its command line, says so, then scans each
 * list of paths it is sent, one file at a time for each worker, until its parent disconnects. It decides nothing and prints nothing.
 */
import { closeSync, openSync } from 'node:fs'
import { Scanner } from '@coreward/engine'
import type { Scanned } from './coreward.ts'
import { limits } from './engine-under-test.ts'

const file = process.argv[2]
const workers = Number(process.argv[3])
if (file === undefined || process.send === undefined)
  throw new Error('this process is started by bench/coreward.ts')

const scanner = await Scanner.start({
  definitions: { fd: openSync(file, 'r') },
  workers,
  limits: {
    maxFileBytes: limits.fileBytes,
    maxContentBytes: limits.contentBytes,
    maxTotalContentBytes: limits.contentBytes,
    timeLimitMilliseconds: limits.seconds * 1000,
  },
})

process.on('message', (paths: readonly string[]) => {
  scanAll(paths).then(
    (scanned) => process.send?.(scanned),
    (error: unknown) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => scanner[Symbol.asyncDispose]())
process.send('loaded')

async function scanAll(paths: readonly string[]): Promise<Scanned> {
  const found: [string, string][] = []
  const unscanned: string[] = []
  let bytesRead = 0
  const left = paths.values()
  async function scanInTurn(): Promise<void> {
    for (const path of left) {
      const fd = openSync(path, 'r')
      try {
        const result = await scanner.scan({ fd })
        const { verdict } = result
        bytesRead += result.bytesRead
        if (verdict.outcome === 'infected') found.push([path, verdict.detections[0]?.signature ?? ''])
        else if (verdict.outcome === 'unscanned') unscanned.push(path)
      } finally {
        closeSync(fd)
      }
    }
  }
  await Promise.all(Array.from({ length: workers }, scanInTurn))
  return { found, unscanned, bytesRead }
}
