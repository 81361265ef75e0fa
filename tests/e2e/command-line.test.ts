/**
 * The command line on the host against a running agent: what each command prints, as text and as JSON, and its exit code.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { eicar, tarGzOf, zipOf } from '../fixtures/eicar.ts'
import { type CommandResult, coreward, startProduct, temporaryFolder } from './product.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

test('the command line scans, keeps, restores and deletes, and says how it went', async (t) => {
  await using temporary = await temporaryFolder('command-line')
  const dataFolder = join(temporary.path, 'data')
  const files = join(temporary.path, 'files')
  const signatures = join(temporary.path, 'signatures')
  await mkdir(files)
  await mkdir(signatures)
  const marker = 'a text that nobody else writes'
  const ruleMarker = 'a text that a rule looks for'
  const line = `Own.Marker:0:*:${Buffer.from(marker).toString('hex')}`
  await writeFile(join(signatures, 'own.ndb'), `${line}\nnot a signature\n`)
  await writeFile(
    join(signatures, 'own.yar'),
    `import "hash"
rule Marked { strings: $a = "${ruleMarker}" nocase condition: $a and filesize < 1KB }
rule Judged { strings: $a = "${ruleMarker}" condition: hash.md5(0, 4) == "${md5('rule')}" and $a }
rule Refused { condition: no_such_thing }
`,
  )
  await using product = startProduct([
    ...['--data-folder', dataFolder, '--agent-port', '0', '--console-port', '0', '--no-scan'],
    ...['--signatures', signatures],
  ])
  await product.printed(/Everything keeps running/)
  const cli = (...options: string[]) => coreward(dataFolder, options)
  const json = async (expected: number, ...options: string[]) => {
    const result = await cli('--output', 'json', ...options)
    assert.equal(result.code, expected, result.stderr)
    return JSON.parse(result.stdout)
  }
  const at = (name: string) => join(files, name)

  await t.test('a scan of clean files ends with 0', async () => {
    await writeFile(at('readme.txt'), 'nothing to see\n')
    const { code, stdout } = await cli('scan', files)
    assert.equal(code, 0, stdout)
    assert.match(stdout, /Scanned +1 file/)
    assert.match(stdout, /Coverage +100 %/)
  })

  await t.test(
    'a file in a zip in a tar.gz is found, left in its place, and the scan ends with 1',
    async () => {
      await writeFile(at('nested.tar.gz'), await tarGzOf('site/invoice.zip', zipOf('invoice.com', eicar())))
      const { code, stdout } = await cli('scan', files)
      assert.equal(code, 1)
      assert.match(stdout, /DETECTED .*nested\.tar\.gz → .*invoice\.zip.*invoice\.com: Eicar-Test-Signature/)
      assert.ok(existsSync(at('nested.tar.gz')))
      const answer = await json(1, 'scan', files)
      assert.equal(answer.summary.filesInfected, 1)
      assert.equal(answer.state, 'completed')
    },
  )

  await t.test('what cannot be opened is unscanned, never clean, and the scan ends with 3', async () => {
    await mkdir(at('damaged'))
    const whole = zipOf('a.txt', Buffer.alloc(5000, 'a'))
    await writeFile(at('damaged/cut.zip'), whole.subarray(0, whole.length - 30))
    const { code, stdout } = await cli('scan', at('damaged'))
    assert.equal(code, 3, stdout)
    assert.match(stdout, /UNSCANNED .*cut\.zip/)
    assert.match(stdout, /Coverage +0\.00 %/)
  })

  await t.test('a path that is not there ends with 2 and is named', async () => {
    const { code, stderr } = await cli('scan', at('missing'))
    assert.equal(code, 2)
    assert.match(stderr, /missing does not exist/)
    assert.equal((await cli('scan')).code, 2)
    assert.equal((await cli('frobnicate')).code, 2)
    assert.equal((await cli('--output', 'xml', 'status')).code, 2)
  })

  await t.test(
    'quarantine moves a file away; restore refuses while it is still found, and puts it back when told to',
    async () => {
      await writeFile(at('eicar.com'), eicar(), { mode: 0o644 })
      assert.equal((await cli('scan', '--quarantine', at('eicar.com'))).code, 1)
      assert.ok(!existsSync(at('eicar.com')))
      const { items } = await json(0, 'quarantine', 'list')
      assert.equal(items.length, 1)
      assert.equal(items[0].originalPath ?? items[0].path, at('eicar.com'))
      const { id } = items[0]
      const refused = await cli('quarantine', 'restore', id)
      assert.equal(refused.code, 2)
      assert.match(refused.stderr, /still found/)
      assert.equal((await cli('quarantine', 'restore', id, '--even-if-infected')).code, 0)
      assert.deepEqual(await readFile(at('eicar.com')), eicar())
    },
  )

  await t.test('a restore does not replace a file unless told to, and delete is for good', async () => {
    await cli('scan', '--quarantine', at('eicar.com'))
    const [{ id }] = (await json(0, 'quarantine', 'list')).items
    await writeFile(at('eicar.com'), 'another file by now')
    const refused = await cli('quarantine', 'restore', id, '--even-if-infected')
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /eicar\.com/)
    assert.equal(await readFile(at('eicar.com'), 'utf8'), 'another file by now')
    assert.equal((await cli('quarantine', 'delete', id)).code, 0)
    assert.deepEqual((await json(0, 'quarantine', 'list')).items, [])
    const gone = await cli('quarantine', 'delete', id)
    assert.equal(gone.code, 2)
    assert.match(gone.stderr, new RegExp(id))
  })

  await t.test('status shows health, versions and each setting with where it comes from', async () => {
    const { code, stdout } = await cli('status')
    assert.equal(code, 0)
    assert.match(stdout, /Health +healthy/)
    assert.match(stdout, /connected/)
    assert.match(stdout, /limits\.maxDepth = 12 {2}\[managed\]/)
    const status = await json(0, 'status')
    assert.equal(status.health, 'healthy')
    assert.ok(status.settings.every(({ source }: { source: string }) => source === 'managed'))
  })

  await t.test('definitions are shown with their numbers, and are current after an update', async () => {
    const { active } = await json(0, 'definitions', 'show')
    assert.match(active.version, /^\d{4}\.\d\d\.\d\d\.1$/)
    assert.ok(active.counts.ndb > 50)
    assert.match((await cli('definitions', 'show')).stdout, /ndb/)
    assert.equal((await json(0, 'definitions', 'update')).outcome, 'current')
  })

  await t.test('own signatures are in the set: found, and refused by file and line', async () => {
    await writeFile(at('own.txt'), `before ${marker} after`)
    const { code, stdout } = await cli('scan', at('own.txt'))
    assert.equal(code, 1)
    assert.match(stdout, /own\.txt: Own\.Marker \(high\)/)
    assert.match((await cli('definitions', 'show')).stdout, /refused: own\.ndb:2: /)
  })

  await t.test(
    'own YARA rules are in the set: judged by matcher and rule engine, and refused by line',
    async () => {
      await writeFile(at('marked.txt'), `${ruleMarker.toUpperCase()}\n`)
      await writeFile(at('judged.txt'), `rule: ${ruleMarker}\n`)
      const names = async (name: string) => {
        const { code, stdout } = await cli('scan', at(name))
        assert.equal(code, 1)
        return [...new Set(stdout.match(/YARA\.\w+/g))].sort()
      }
      assert.deepEqual(await names('marked.txt'), ['YARA.Marked'])
      assert.deepEqual(await names('judged.txt'), ['YARA.Judged', 'YARA.Marked'])
      const { active } = await json(0, 'definitions', 'show')
      assert.equal(active.counts.yar, 1)
      assert.equal(active.counts['yar (rule engine)'], 1)
      assert.match((await cli('definitions', 'show')).stdout, /refused: own\.yar:4: /)
    },
  )

  await t.test('events tell what happened, newest first', async () => {
    const { items } = await json(0, 'events', '--limit', '200')
    const types = items.map(({ content }: { content: { type: string } }) => content.type)
    for (const type of [
      'scan.finished',
      'threat.detected',
      'threat.action',
      'file.unscanned',
      'agent.started',
    ])
      assert.ok(types.includes(type), type)
    const numbers = items.map(({ sequence }: { sequence: number }) => sequence)
    assert.deepEqual(
      numbers,
      numbers.toSorted((a: number, b: number) => b - a),
    )
    assert.match((await cli('events')).stdout, /Eicar-Test-Signature/)
  })

  await t.test('every command has help', async () => {
    for (const command of [
      [],
      ['scan'],
      ['quarantine'],
      ['quarantine', 'restore'],
      ['definitions'],
      ['events'],
      ['enroll'],
      ['run'],
    ]) {
      const { code, stdout } = await cli(...command, '--help')
      assert.equal(code, 0)
      assert.match(stdout, /^Usage: coreward/)
    }
  })

  await t.test('without an agent each command ends with 2 and says what to do', async () => {
    const elsewhere = join(temporary.path, 'elsewhere')
    for (const command of [
      ['status'],
      ['scan', 'quick'],
      ['events'],
      ['quarantine', 'list'],
      ['definitions', 'show'],
    ]) {
      const { code, stderr }: CommandResult = await coreward(elsewhere, command)
      assert.equal(code, 2)
      assert.match(stderr, /No agent is running at .*elsewhere.*start it/)
    }
  })

  await t.test('an argument that is no token is refused, before anything is stored', async () => {
    const elsewhere = join(temporary.path, 'elsewhere')
    const result = await coreward(
      elsewhere,
      ['enroll', '--server', 'https://127.0.0.1:8443'],
      'not a token\n',
    )
    assert.equal(result.code, 2)
    assert.match(result.stderr, /not an enrolment token; copy it whole/)
    const address = await coreward(elsewhere, ['enroll', '--server', 'http://127.0.0.1:8443'], 'cw1.x\n')
    assert.match(address.stderr, /give it as https:\/\/HOST:8443/)
    assert.ok(!existsSync(elsewhere))
  })
})
