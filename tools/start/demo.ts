/**
 * The demo folder: one harmless EICAR test file inside a zip, made when asked for and scanned at once. The test file's 68
 * characters are put together here, so that they are nowhere stored whole in the checkout.
 */
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const halves = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'] as const

/** Makes the folder anew below the data folder and gives its path. Everyone may read it: the agent may be another user. */
export async function makeDemo(dataFolder: string): Promise<string> {
  const folder = join(dataFolder, 'demo')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'eicar.com')
  await writeFile(file, halves.join(''))
  await writeFile(
    join(folder, 'readme.txt'),
    'eicar.com was a harmless test file; look for it in quarantine.\n',
  )
  await chmod(folder, 0o755)
  await chmod(file, 0o644)
  return folder
}
