import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

test('memory that was freed goes back to the system though something behind it is in use', {
  skip: process.platform !== 'linux' && 'Linux only',
}, (context) => {
  // In a process of its own, where nothing else allocates.
  const code = `
    import koffi from 'koffi'
    import { readFileSync } from 'node:fs'
    import { giveBackFreedMemory } from ${JSON.stringify(new URL('./freed-memory.ts', import.meta.url).href)}
    const c = koffi.load(null)
    let [malloc, free] = [c.func('void *malloc(size_t size)'), c.func('void free(void *it)')]
    const set = c.func('void *memset(void *it, int value, size_t size)')
    const resident = () => Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    const pieces = Array.from({ length: 300 }, () => malloc(100_000))
    for (const piece of pieces) set(piece, 1, 100_000)
    for (const piece of pieces.slice(0, -1)) free(piece)
    const before = resident()
    giveBackFreedMemory()
    console.log(before - resident())`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    cwd: import.meta.dirname,
    env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '1000000', MALLOC_TRIM_THRESHOLD_: '1000000000' },
  })
  if (/malloc_trim/.test(stderr)) return context.skip('the C library has no such thing')
  assert.ok(Number(stdout) > 20_000, `${stdout} kB came back ${stderr}`)
})
