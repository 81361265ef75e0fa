/**
 * A real headless Chromium for end-to-end tests: nothing it does by itself reaches the network, and whatever a page asks of
 * another host than the console's is noted, so that a test can say that there was nothing.
 */
import { existsSync } from 'node:fs'
import { AxeBuilder } from '@axe-core/playwright'
import { type BrowserContext, chromium, type Page } from 'playwright-core'

const executable = process.env.COREWARD_TEST_CHROMIUM ?? '/usr/bin/chromium'

/** Why tests with a browser are skipped; false when there is one. */
export const withoutBrowser = existsSync(executable) ? false : 'chromium is not installed'

/** A page of a fresh browser. */
export interface Browsing extends AsyncDisposable {
  readonly context: BrowserContext
  readonly page: Page
  /** Errors that pages threw or logged, and addresses of other hosts that they asked for. */
  readonly complaints: readonly string[]
}

/** Opens a browser for the console at `origin`. */
export async function openBrowser(origin: string): Promise<Browsing> {
  const browser = await chromium.launch({
    executablePath: executable,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url())
    if (/^https?:$/.test(protocol) && asked !== origin) complaints.push(`asked for ${request.url()}`)
  })
  return { context, page, complaints, [Symbol.asyncDispose]: () => browser.close() }
}

/** What axe finds wrong with the page, one line each; nothing when it is as it should be. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`,
  )
}
