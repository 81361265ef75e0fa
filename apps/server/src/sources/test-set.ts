/** The test that every compiled set has to pass before anybody gets it, with the very scanner that agents run. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Scanner, type Verdict } from '@coreward/engine'
import { ServerError } from '../server-error.ts'

/** What every set has to find, put together here so that no file of the checkout holds it. */
const testFile = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')
/** What no set may find anything in. */
const harmless = '#!/bin/sh\necho "nothing to see"\n'

/** Scans, with the compiled set in the file at `path`, a file that must be found and one that must not. Throws `definitions-refused`. */
export async function testSet(path: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-test-'))
  try {
    await using scanner = await Scanner.start({ definitions: { fd: openSync(path, 'r') }, workers: 1 })
    const found = await verdictOf(scanner, join(folder, 'test-file'), testFile)
    const clean = await verdictOf(scanner, join(folder, 'harmless'), harmless)
    if (found.outcome === 'infected' && clean.outcome === 'clean') return
    throw new ServerError(
      'definitions-refused',
      `The compiled definitions failed their test: the EICAR test file is ${found.outcome}, a harmless script is ${clean.outcome}.`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function verdictOf(scanner: Scanner, path: string, content: string): Promise<Verdict> {
  writeFileSync(path, content, { mode: 0o600 })
  const fd = openSync(path, 'r')
  try {
    return (await scanner.scan({ fd })).verdict
  } finally {
    closeSync(fd)
  }
}
