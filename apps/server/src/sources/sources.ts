/**
 * Where definitions come from: the texts that come with Coreward and an administrator's own, compiled into one set and tested with
 * the very scanner that agents run before anybody gets it. The scanner's workers load code, so this happens while the server may still read the checkout.
 */
import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtinSources, compileDefinitions, expandSets, LAYOUT_VERSION } from '@coreward/definitions'
import { Scanner, type Verdict } from '@coreward/engine'
import type { CompiledSet, DefinitionsSource } from '../definitions/definitions.ts'
import { ServerError } from '../server-error.ts'
import { type FolderFile, readSignatureFolder } from './signature-folder.ts'

/** What every set has to find, put together here so that no file of the checkout holds it. */
const testFile = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('')
/** Of a refused line's file and reason, as contracts bounds them. */
const mostCharacters = 500
/** What no set may find anything in. */
const harmless = '#!/bin/sh\necho "nothing to see"\n'

/** The set that Coreward brings along, and with it the signatures in `folder`, if one is named. Throws `file-unreadable`. */
export function definitionsSource(folder?: string): DefinitionsSource {
  const builtin = builtinSources()
  const own = folder === undefined ? [] : readSignatureFolder(folder)
  const { descriptions } = builtin
  return {
    name: folder === undefined ? 'built in' : `built in, and ${folder}`,
    sha256: hashOf(JSON.stringify([LAYOUT_VERSION, builtin]), own),
    async compile(version, createdAt) {
      const { files, sets } = await expandSets([
        ...builtin.files,
        ...own.map(({ name, bytes }) => ({ name, text: () => [bytes] })),
      ])
      const { bytes, summary } = compileDefinitions({ version, createdAt, files, sets, descriptions })
      await testSet(bytes)
      return {
        version,
        createdAt,
        bytes,
        counts: summary.counts,
        refused: summary.refused.map(({ file, line, reason }) => ({
          file: file.slice(0, mostCharacters),
          line,
          reason: reason.slice(0, mostCharacters),
        })),
      } satisfies CompiledSet
    },
  }
}

function hashOf(builtin: string, own: readonly FolderFile[]): string {
  const hash = createHash('sha256').update(builtin)
  for (const { name, bytes } of own) hash.update(JSON.stringify([name, bytes.length])).update(bytes)
  return hash.digest('hex')
}

/** Scans a file that must be found and one that must not. Throws `definitions-refused`. */
export async function testSet(definitions: Uint8Array): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-test-'))
  try {
    await using scanner = await Scanner.start({ definitions, workers: 1 })
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
