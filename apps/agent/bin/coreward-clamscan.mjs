#!/usr/bin/env node
// Starts the stand-in for clamscan on the Node that the product is pinned to, whichever Node found this file.
// Plain JavaScript, because an older Node must be able to read it.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(realpathSync(fileURLToPath(import.meta.url)))
const main = join(here, '..', 'src', 'clamscan', 'main.ts')
const pinned = join(here, '..', '..', '..', 'node_modules', '.bin', 'node')
const node = existsSync(pinned) ? pinned : process.execPath
const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
child.on('error', (error) => {
  process.stderr.write(`coreward-clamscan: cannot run ${node}: ${error.message}\n`)
  process.exit(2)
})
child.on('exit', (code) => process.exit(code ?? 2))
process.on('SIGINT', () => {}) // the terminal sends it to the child as well, which ends by it
process.on('SIGTERM', () => child.kill('SIGTERM'))
