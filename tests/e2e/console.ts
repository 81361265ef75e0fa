/**
 * The console as an administrator uses it: by the words on it. For end-to-end tests alone.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { repository } from './product.ts'

export const administrator = { username: 'admin', password: 'correct horse battery staple' } as const

/** Follows the one-time link and makes the first administrator, who is signed in then. */
export async function setUp(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel('Password', { exact: true }).fill(administrator.password)
  await page.getByLabel('Password again').fill(administrator.password)
  await page.getByRole('button', { name: 'Create administrator and sign in' }).click()
  await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor()
}

/** Signs in by the form that is shown. */
export async function signIn(page: Page): Promise<void> {
  await page.getByLabel('User name').fill(administrator.username)
  await page.getByLabel('Password', { exact: true }).fill(administrator.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Goes to a page by the navigation. */
export async function goTo(page: Page, name: string): Promise<void> {
  // Some are followed by a number that needs attention.
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${name}( |$)`) })
    .click()
  await page.getByRole('heading', { name, level: 1 }).waitFor()
}

/** From a host's page: asks for a scan of paths, and arrives at the scan's page. */
export async function startScan(page: Page, paths: readonly string[]): Promise<void> {
  await page.getByRole('button', { name: 'Scan now' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Custom scan').check()
  await form.getByLabel('Paths').fill(paths.join('\n'))
  await form.getByRole('button', { name: 'Start scan' }).click()
  await page.waitForURL(/\/scans\/[0-9a-f-]{36}$/)
}

/** Chooses a language by its own name. */
export async function chooseLanguage(page: Page, name: 'English' | '日本語'): Promise<void> {
  await page.getByRole('button', { name: /^(Language|言語)$/ }).click()
  await page.getByRole('menuitem', { name }).click()
}

/** Chooses light or dark colours, by their English names or the Japanese ones. */
export async function chooseColours(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: /^(Colours|配色)$/ }).click()
  await page.getByRole('menuitem', { name }).click()
}

/**
 * Where pictures of the console go: into the documents when COREWARD_UPDATE_SCREENSHOTS=1, otherwise into `folder`, where
 * they prove that they can be made.
 */
export function pictureFolder(folder: string): string {
  return process.env.COREWARD_UPDATE_SCREENSHOTS === '1' ? join(repository, 'docs', 'images') : folder
}

/** The names of the catalogue's texts: none of them may be seen on a page. */
export const textNames: readonly string[] = namesIn(
  JSON.parse(readFileSync(join(repository, 'apps/console/src/locales/en.json'), 'utf8')),
)

function namesIn(catalogue: object, above = ''): string[] {
  return Object.entries(catalogue).flatMap(([name, text]) =>
    typeof text === 'object' ? namesIn(text, `${above}${name}.`) : [`${above}${name}`],
  )
}
