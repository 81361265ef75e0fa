import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { shells } from './completion.ts'

const main = join(import.meta.dirname, 'main.ts')

function scriptFor(shell: string): string {
  const { stdout, status } = spawnSync(process.execPath, [main, 'completion', shell], { encoding: 'utf8' })
  assert.equal(status, 0)
  return stdout
}

test('bash completes commands, their options and the values of options', () => {
  const script = scriptFor('bash')
  const offered = (...words: string[]): string[] => {
    const quoted = ['coreward', ...words].map((word) => `'${word}'`).join(' ')
    const line = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length}; _coreward; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], { encoding: 'utf8' })
    assert.equal(stderr, '')
    return stdout.split('\n').filter((word) => word !== '')
  }
  assert.deepEqual(offered('qu'), ['quarantine'])
  assert.deepEqual(offered('quarantine', 're'), ['restore'])
  assert.deepEqual(offered('quarantine', 'restore', '--'), [
    '--to',
    '--overwrite',
    '--even-if-infected',
    '--help',
  ])
  assert.deepEqual(offered('--output', ''), ['text', 'json'])
  assert.deepEqual(offered('--output', 'json', 'scan', 'f'), ['full'])
  assert.deepEqual(offered('completion', ''), [...shells, '--help'])
  assert.deepEqual(offered('scan', './x'), [], 'names of files are left to the shell')
})

test('zsh and fish take their scripts', (context) => {
  const missing = ['zsh', 'fish'].filter((shell) => {
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: scriptFor(shell), encoding: 'utf8' })
    if (error === undefined) assert.equal(status, 0, stderr)
    return error !== undefined
  })
  if (missing.length > 0) context.skip(`not installed here: ${missing.join(', ')}`)
})

test('every command of the program is in the script of each shell', () => {
  for (const shell of shells) {
    const script = scriptFor(shell)
    for (const word of ['status', 'scan', 'restore', 'update', 'even-if-infected', 'limit'])
      assert.ok(script.includes(word), `${word} for ${shell}`)
  }
})
