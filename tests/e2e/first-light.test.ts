/**
 * The stranger's path, from `npm start` to a file that is found, quarantined, restored and deleted from the console, with
 * the real server, the real agent and a real browser. One start for all steps: each goes on where the one before ended.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eicar, tarGzOf, zipOf } from '../fixtures/eicar.ts'
import { accessibilityFaults, openBrowser, withoutBrowser } from './browser.ts'
import {
  chooseColours,
  chooseLanguage,
  goTo,
  pictureFolder,
  setUp,
  signIn,
  startScan,
  textNames,
} from './console.ts'
import { coreward, eventually, startAgent, startProduct, temporaryFolder } from './product.ts'

const isRoot = process.getuid?.() === 0

test('a stranger starts the product, and a file is found, quarantined, restored and deleted', {
  skip: withoutBrowser,
}, async (t) => {
  await using temporary = await temporaryFolder('first-light')
  const dataFolder = join(temporary.path, 'data')
  const files = join(temporary.path, 'srv')
  const uploads = join(files, 'www', 'uploads')
  await mkdir(uploads, { recursive: true })
  const backup = join(uploads, 'backup.tar.gz')
  await writeFile(backup, await tarGzOf('site/invoice.zip', zipOf('invoice.com', eicar())))
  await writeFile(join(uploads, 'readme.txt'), 'nothing to see\n')
  const product = startProduct([
    '--data-folder',
    dataFolder,
    '--agent-port',
    '0',
    '--console-port',
    '0',
    '--scan-path',
    files,
    '--demo',
  ])
  await using _ = product
  const [, link = ''] = await product.printed(/(http:\S+\/setup#token=\S+)/)
  await product.printed(/Everything keeps running/)
  const origin = new URL(link).origin
  await using browsing = await openBrowser(origin)
  const { page, complaints } = browsing
  const pictures = pictureFolder(temporary.path)
  await mkdir(pictures, { recursive: true })
  const picture = async (name: string) => {
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
  }

  await t.test('the start says what it did, and moves nobody’s files but the demo’s', async () => {
    const output = product.output()
    for (const line of [
      /✔ Web console/,
      /✔ Management server/,
      /✔ Agent of this machine/,
      /✔ Enrolled, definitions verified +definitions \d{4}\.\d\d\.\d\d\.1, policy 1/,
      isRoot ? /Started as root/ : /Started as an ordinary user/,
      /DETECTED .*demo\/eicar\.com: Eicar-Test-Signature \(low\), moved to quarantine/,
      /DETECTED .*backup\.tar\.gz → .*invoice\.zip.*invoice\.com: Eicar-Test-Signature/,
      /Scanned +2 files/,
      /Unscanned +nothing/,
      /Coverage +100 %/,
      /Events +\d+ events? stored at the server/,
      /Console +http:\/\/localhost:\d+/,
    ])
      assert.match(output, line)
    assert.ok(existsSync(backup))
    assert.ok(!existsSync(join(dataFolder, 'demo', 'eicar.com')))
  })

  await t.test('the one-time link makes the first administrator, once', async () => {
    await setUp(page, link)
    assert.doesNotMatch(page.url(), /token/)
    await page.goto(link)
    await page.getByLabel('Password', { exact: true }).fill('another long password')
    await page.getByLabel('Password again').fill('another long password')
    await page.getByRole('button', { name: 'Create administrator and sign in' }).click()
    await page.getByText('The first administrator exists already').waitFor()
    await page.goto(origin)
  })

  await t.test('the host is there with its health, versions and last scan', async () => {
    await goTo(page, 'Hosts')
    await page.getByRole('link', { name: hostname(), exact: true }).click()
    await page.getByRole('heading', { name: hostname(), level: 1 }).waitFor()
    await page.getByText('Healthy').first().waitFor()
    const protection = page.getByRole('region', { name: 'Protection' })
    await protection.getByText(/^\d{4}\.\d\d\.\d\d\.1$/).waitFor()
    await protection.getByText(/0\.1\.0 on Node\.js 24\./).waitFor()
    assert.equal(await protection.getByRole('row').count(), isRoot ? 4 : 3)
    await page.getByRole('region', { name: 'Last scan' }).getByText('Completed').waitFor()
  })

  await t.test(
    'a scan started in the console is watched live, and what is found shows while it runs',
    async () => {
      const inbox = join(files, 'inbox')
      await mkdir(inbox, { recursive: true })
      await writeFile(join(inbox, 'note.com'), eicar())
      await startScan(page, [inbox, '/usr/lib', '/usr/share'])
      const status = page.getByRole('region', { name: 'Progress' })
      const found = page.getByRole('row', { name: /note\.com/ })
      await found.waitFor()
      await status
        .getByText(/\d files$|\d of [\d,]+ files$/)
        .first()
        .waitFor()
      const seen = new Set<string>()
      await eventually('three steps of progress', async () => {
        const text = await status
          .getByText(/files$/)
          .first()
          .textContent()
        if (text !== null) seen.add(text)
        return seen.size >= 3 ? true : undefined
      })
      await status.getByText(/[MG]B\/s/).waitFor()
      assert.deepEqual(await accessibilityFaults(page), [])
      await picture('scan-running')
      await page.getByRole('button', { name: 'Cancel scan' }).click()
      await page.getByText('Cancelled', { exact: true }).first().waitFor()
    },
  )

  const detectionOf = async (part: RegExp) => {
    await goTo(page, 'Detections')
    await page.getByRole('row', { name: part }).getByRole('link').first().click()
    await page.getByRole('heading', { name: 'Eicar-Test-Signature', level: 1 }).waitFor()
  }
  const act = async (open: string | RegExp, confirm: string, before?: () => Promise<void>) => {
    await page.getByRole('button', { name: open }).click()
    await before?.()
    await page.getByRole('dialog').getByRole('button', { name: confirm }).click()
  }

  await t.test('a detection says what, why and what to do', async () => {
    await detectionOf(/backup\.tar\.gz/)
    await page.getByText('A threat was found on', { exact: false }).first().waitFor()
    await page.getByText('The EICAR test file: harmless', { exact: false }).waitFor()
    await page
      .getByText(/invoice\.zip.*invoice\.com/)
      .first()
      .waitFor()
    await page.getByText('Quarantine the file: it can be restored later.', { exact: false }).waitFor()
  })

  const times = { atime: new Date('2025-01-02T03:04:05Z'), mtime: new Date('2025-01-02T03:04:05Z') }
  await t.test('a file is quarantined from the console, and restored with its mode and times', async () => {
    const file = join(files, 'inbox', 'keep.com')
    await writeFile(file, eicar(), { mode: 0o640 })
    await utimes(file, times.atime, times.mtime)
    const before = await stat(file)
    const { code } = await coreward(dataFolder, ['scan', file])
    assert.equal(code, 1)
    await detectionOf(/keep\.com/)
    await act('Quarantine', 'Quarantine file')
    await page.getByText('Quarantined', { exact: true }).first().waitFor()
    assert.ok(!existsSync(file))
    await act('Restore', 'Restore file')
    await page.getByText('Not restored').waitFor()
    assert.ok(!existsSync(file), 'a file in which something is still found must stay in quarantine')
    await act('Restore', 'Restore file', () =>
      page.getByLabel('Restore even if something is still found in it').check(),
    )
    await page.getByText('Restored', { exact: true }).first().waitFor()
    const after = await stat(file)
    assert.deepEqual(await readFile(file), eicar())
    assert.deepEqual(
      [after.mode, after.uid, after.gid, after.mtimeMs],
      [before.mode, before.uid, before.gid, before.mtimeMs],
    )
    await picture('detection')
  })

  await t.test('a file is deleted from the console, after its host’s name was typed', async () => {
    await detectionOf(/backup\.tar\.gz/)
    await act('Delete…', 'Delete for good', async () => {
      assert.ok(await page.getByRole('dialog').getByRole('button', { name: 'Delete for good' }).isDisabled())
      await page.getByRole('dialog').getByRole('textbox').fill(hostname())
    })
    await page.getByText('Deleted', { exact: true }).first().waitFor()
    assert.ok(!existsSync(backup))
  })

  await t.test('a policy is deployed from the console and arrives on the host as managed', async () => {
    await goTo(page, 'Policy')
    await page.getByRole('textbox', { name: 'Heartbeat' }).fill('20')
    await page.getByRole('button', { name: 'Review and deploy…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Deploy' }).click()
    await page.getByText('Policy version 2 is deployed').waitFor()
    await eventually('version 2 on the host', async () => {
      const { stdout } = await coreward(dataFolder, ['status'])
      return /reporting\.heartbeatSeconds = 20 {2}\[managed\]/.test(stdout) ? true : undefined
    })
  })

  await t.test('every page is accessible and complete in both languages and both colours', async () => {
    await page.goto(origin)
    const pages = [
      '/',
      '/hosts',
      '/detections',
      '/scans',
      '/events',
      '/policy',
      '/definitions',
      '/enrollment',
    ]
    const host = await page.getByRole('link', { name: hostname(), exact: true }).first().getAttribute('href')
    for (const [language, tag] of [
      ['English', 'en'],
      ['日本語', 'ja'],
    ] as const) {
      await chooseLanguage(page, language)
      for (const [colours, scheme] of [
        [/^(Light|ライト)$/, 'light'],
        [/^(Dark|ダーク)$/, 'dark'],
      ] as const) {
        await chooseColours(page, colours)
        for (const address of [...pages, host ?? '/hosts']) {
          await page.goto(origin + address)
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.getByText(/^(Live|リアルタイム)$/).waitFor()
          await page.waitForLoadState('networkidle').catch(() => undefined)
          assert.equal(await page.locator('html').getAttribute('lang'), tag)
          assert.deepEqual(await accessibilityFaults(page), [], `${address} in ${tag}, ${scheme}`)
          const text = (await page.locator('main').textContent()) ?? ''
          assert.deepEqual(
            textNames.filter((name) => text.includes(name)),
            [],
            address,
          )
          if (tag === 'ja') assert.match(text, /[ぁ-んァ-ヶ一-龠]/, address)
          if (address === '/') await picture(`overview-${tag}-${scheme}`)
          if (address === host) await picture(`host-${tag}-${scheme}`)
        }
      }
    }
    await chooseLanguage(page, 'English')
    await chooseColours(page, /^(Light|ライト)$/)
  })

  await t.test('another host is enrolled with a token made in the console', async () => {
    await goTo(page, 'Enrolment')
    await page.getByRole('button', { name: 'Make an enrolment token' }).first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('second host')
    await dialog.getByRole('button', { name: 'Make token' }).click()
    const command = (await dialog.getByText(/npx coreward enroll/).textContent())?.split('\n')[0] ?? ''
    const second = join(temporary.path, 'second')
    execFileSync('sh', [
      '-c',
      command.replace('npx coreward', `npx --no-install coreward --data-folder ${second}`),
    ])
    await dialog.getByRole('button', { name: 'Done' }).click()
    await using agent = startAgent(second)
    await page
      .getByRole('row', { name: /second host/ })
      .getByText('Used', { exact: true })
      .waitFor({ timeout: 60_000 })
    await goTo(page, 'Hosts')
    await page.getByText('2 entries').waitFor()
    const status = await coreward(second, ['status', '--output', 'json'])
    assert.equal(status.code, 0)
    assert.equal(JSON.parse(status.stdout).connected, true)
    await agent.interrupt()
    await rm(second, { recursive: true, force: true })
  })

  await t.test('signed out, nothing is shown; signed in again, one is where one was', async () => {
    await goTo(page, 'Scans')
    await page.getByRole('button', { name: 'Account' }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.goto(`${origin}/events`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.deepEqual(await accessibilityFaults(page), [])
    await signIn(page)
    await page.getByRole('heading', { name: 'Events', level: 1 }).waitFor()
  })

  await t.test('the console asked no other host for anything, and nothing failed in it', () => {
    const expected = /status of (401|409|410)/ // the used link, and questions without a session
    assert.deepEqual(
      complaints.filter((text) => !expected.test(text)),
      [],
    )
  })

  await t.test(
    'Ctrl-C ends everything, and a second start goes on with what the first one stored',
    async () => {
      await product.interrupt()
      assert.match(product.output(), /Everything is stopped\. The next start goes on from here\./)
      await using again = startProduct([
        '--data-folder',
        dataFolder,
        '--agent-port',
        '0',
        '--console-port',
        '0',
        '--no-scan',
      ])
      await again.printed(/Everything keeps running/)
      assert.doesNotMatch(again.output(), /setup#token/)
      assert.match(again.output(), /policy 2/)
      const [, next = ''] = await again.printed(/Console +(http:\S+)/)
      await using later = await openBrowser(next)
      await later.page.goto(`${next}/detections`)
      await signIn(later.page)
      await later.page.getByRole('row', { name: /keep\.com/ }).waitFor()
      await goTo(later.page, 'Hosts')
      await later.page.getByRole('link', { name: hostname(), exact: true }).first().waitFor()
      await again.interrupt()
      assert.deepEqual(await again.processes(''), [])
    },
  )
})
