import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { readExtendedAttributes, writeExtendedAttribute } from './extended-attributes.ts'
import { renameWithoutReplacing, setFileTimes } from './file-times.ts'

const isLinux = process.platform === 'linux'
const folder = mkdtempSync(join(tmpdir(), 'coreward-attributes-'))
after(() => rmSync(folder, { recursive: true }))

describe('what Node leaves out about files', { skip: !isLinux && 'Linux only' }, () => {
  test('extended attributes are read back as they were written', (context) => {
    const path = join(folder, 'attributes')
    writeFileSync(path, '')
    const fd = openSync(path, 'r+')
    const value = Uint8Array.from([0, 1, 255, 0])
    const failure = writeExtendedAttribute(fd, { name: 'user.coreward.test', value })
    if (failure === undefined) {
      assert.deepEqual(
        readExtendedAttributes(fd).filter(({ name }) => name.startsWith('user.')),
        [{ name: 'user.coreward.test', value }],
      )
    } else context.skip(`this file system takes no extended attributes (${failure})`)
    closeSync(fd)
  })

  test('times keep their nanoseconds, before 1970 as well', () => {
    const path = join(folder, 'times')
    writeFileSync(path, '')
    const fd = openSync(path, 'r+')
    setFileTimes(fd, 1_700_000_000_123_456_789n, -1_500_000_001n)
    closeSync(fd)
    const { atimeNs, mtimeNs } = statSync(path, { bigint: true })
    assert.deepEqual([atimeNs, mtimeNs], [1_700_000_000_123_456_789n, -1_500_000_001n])
  })

  test('a rename that must not replace does not', () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')]
    writeFileSync(from, 'new')
    writeFileSync(to, 'old')
    assert.throws(() => renameWithoutReplacing(Buffer.from(from), Buffer.from(to)), { code: 'exists' })
    assert.equal(readFileSync(to, 'utf8'), 'old')
    rmSync(to)
    renameWithoutReplacing(Buffer.from(from), Buffer.from(to))
    assert.equal(readFileSync(to, 'utf8'), 'new')
  })
})

describe('dropping privileges', { skip: !isLinux && 'Linux only' }, () => {
  const script = (body: string) => `
    import { dropPrivileges, forbidNewPrivileges } from ${JSON.stringify(new URL('./privileges.ts', import.meta.url).href)}
    import { readFileSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    ${body}`
  const run = (body: string) =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script(body)], {
      encoding: 'utf8',
      timeout: 20_000,
    })

  test('an ordinary user cannot, and is told so', {
    skip: process.getuid?.() === 0 && 'for ordinary users',
  }, () => {
    assert.match(run('dropPrivileges(64961, 64961)').stderr, /only root can/)
  })

  test('all threads become the user, with no capability and no way back', {
    skip: process.getuid?.() !== 0 && 'needs root',
  }, () => {
    const { stdout, stderr } = run(`
      const worker = new Worker("import { parentPort } from 'node:worker_threads'; import { readFileSync } from 'node:fs'; parentPort.on('message', () => { try { readFileSync('/etc/shadow'); parentPort.postMessage('read') } catch (e) { parentPort.postMessage(e.code) } })", { eval: true })
      await new Promise((resolve) => worker.once('online', resolve))
      dropPrivileges(64961, 64961)
      const status = readFileSync('/proc/self/status', 'utf8')
      const show = (name) => status.match(new RegExp('^' + name + ':(.*)$', 'm'))[1].trim().replaceAll('\\t', ' ')
      let back = 'root again'
      try { process.setuid(0) } catch (error) { back = error.code }
      const core = readFileSync('/proc/self/limits', 'utf8').match(/Max core file size +(\\S+) +(\\S+)/).slice(1).join(' ')
      worker.once('message', (answer) => { console.log([show('Uid'), show('Groups'), show('CapEff'), show('NoNewPrivs'), back, answer, core].join('|')); process.exit() })
      worker.postMessage('')`)
    assert.equal(stdout.trim(), '64961 64961 64961 64961||0000000000000000|1|EPERM|EACCES|0 0', stderr)
  })
})
