/**
 * Makes an enrolment token from the command line, beside a running server or before it is started. Whoever may do this can read
 * the server's folder anyway.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EnrollmentTokenOptions } from './command-line.ts'
import { changing } from './database/change.ts'
import { openDatabase } from './database/open.ts'
import { createToken } from './enrollment/enrollment.ts'
import { openKeys } from './keys/keys.ts'
import { dropPrivileges } from './privileges.ts'
import { ServerError } from './server-error.ts'

/** Makes the token. Throws `not-initialized` when the server has never been started for this data folder. */
export async function makeEnrollmentToken(
  options: EnrollmentTokenOptions,
): Promise<{ token: string; expiresAt: string; authoritySha256: string }> {
  const folder = join(options.dataFolder, 'server')
  const path = join(folder, 'coreward.sqlite')
  // As root it would leave files behind that the server's user cannot open.
  dropPrivileges(options.user, folder)
  if (!existsSync(path))
    throw new ServerError(
      'not-initialized',
      `There is no server in ${options.dataFolder} yet; start it first.`,
    )
  const { authoritySha256 } = await openKeys(folder)
  const sql = openDatabase(path)
  try {
    // The consoles of a running server are not told: the list is asked for when it is opened.
    const { token, text } = await createToken(
      changing(sql, () => undefined),
      {
        name: options.name,
        minutes: options.minutes,
        createdBy: 'command line',
        authoritySha256,
        now: new Date(),
      },
    )
    return { token: text, expiresAt: token.expiresAt, authoritySha256 }
  } finally {
    await sql.destroy()
  }
}
