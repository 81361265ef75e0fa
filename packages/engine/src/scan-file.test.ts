import assert from 'node:assert/strict'
import { appendFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { allowedContent, inWords, scanHere, temporaryFolder } from './scanner.fixture.ts'
import { eicar, makeZip, randomBytes } from './unpack/archives.fixture.ts'

test('a file that grows, shrinks, vanishes into nothing or is written to during its scan is not clean', async () => {
  using folder = temporaryFolder()
  const changes: readonly ((path: string) => void)[] = [
    (path) => appendFileSync(path, 'more'),
    (path) => truncateSync(path, 1_500_000),
    (path) => truncateSync(path, 0),
    (path) => writeFileSync(path, randomBytes(2, 2_000_000)),
    (path) => utimesSync(path, 1, 1),
  ]
  for (const change of changes) {
    const { fd, path } = folder.file(randomBytes(1, 2_000_000))
    let checks = 0
    const result = await scanHere({ fd }, {}, () => {
      checks += 1
      if (checks === 3) change(path)
    })
    assert.match(inWords(result), /^unscanned changed-during-scan/)
    assert.equal(result.sha256, undefined)
  }
})

test('what was found in a file that then changed is still told', async () => {
  using folder = temporaryFolder()
  const { fd, path } = folder.file(eicar())
  let changed = false
  const result = await scanHere({ fd }, {}, () => {
    if (!changed) utimesSync(path, 1, 1)
    changed = true
  })
  assert.match(inWords(result), /^infected Eicar-Test-Signature, unscanned changed-during-scan/)
})

test('content on the allow list is not a detection, by itself or in an archive, and its neighbours still are', async () => {
  assert.equal(inWords(await scanHere({ bytes: allowedContent })), 'clean')
  const archive = makeZip([
    { name: 'allowed', data: allowedContent },
    { name: 'e', data: eicar() },
  ])
  assert.equal(inWords(await scanHere({ bytes: archive })), 'infected Eicar-Test-Signature@e')
})

test('a scan without time for its file is timed-out, not clean', async () => {
  const result = await scanHere({ bytes: randomBytes(1, 3_000_000) }, { timeLimitMilliseconds: 1 })
  assert.match(inWords(result), /^unscanned timed-out$/)
})

test('a content whose matching takes too many steps is unscanned, alone and in an archive, and what was found is told', async () => {
  const slow = `Slow:0:*:6161${'(61|6161|616161)'.repeat(200)}62`
  const { bytes: set } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-24T00:00:00Z',
    files: [{ name: 'slow.ndb', text: `${slow}\nFound:0:*:${Buffer.from('evil bytes').toString('hex')}` }],
  })
  const costly = Buffer.alloc(1_000_000, 'a')
  const scan = async (bytes: Uint8Array) => inWords(await scanHere({ bytes }, {}, undefined, set))
  assert.equal(await scan(costly), 'unscanned budget-exceeded')
  const evil = Buffer.concat([Buffer.from('evil bytes'), costly])
  assert.equal(await scan(evil), 'infected Found, unscanned budget-exceeded')
  assert.equal(await scan(makeZip([{ name: 'a', data: costly }])), 'unscanned budget-exceeded@a')
  assert.equal(await scan(Buffer.alloc(1_000_000, 'b')), 'clean')
})
