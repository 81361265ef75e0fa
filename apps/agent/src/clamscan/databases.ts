/**
 * What -d names → one set of definitions, ready for the scanner. Texts, and ClamAV's sets (.cvd, .cld, .cud), are compiled here and
 * now; a file that was compiled before is taken as it is. Without any, the built-in set. What cannot be used is told, line by line.
 */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import {
  builtinSources,
  type CompileInput,
  compileDefinitions,
  DefinitionsError,
  expandSets,
  openDefinitions,
  type SetAccount,
  type SignatureFile,
  type UnwantedCategories,
} from '@coreward/definitions'

export interface LoadedDatabases {
  readonly definitions: Uint8Array
  readonly signatureCount: number
  /** What of the files was not taken and why, a line each. */
  readonly complaints: readonly string[]
}

/** The definitions cannot be had; the message names the file. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
}

/** Endings that ClamAV gives its databases. The compiler says which of them it reads. */
const endings =
  /\.(?:hdb|hdu|hsb|hsu|mdb|mdu|msb|msu|ndb|ndu|sdb|ldb|ldu|cdb|zmd|rmd|fp|sfp|ign|ign2|ftm|pdb|wdb|gdb|cbc|crb|imp|idb|db|yara?|c[vlu]d)$/i

const certificateFile = /\.crb$/i

/** A shorter file cannot even say that it holds compiled definitions. */
const SHORTEST_BYTES = 8

/** What of the files is not used though it could be. */
export interface LeftOut {
  /** Certificates of programs' signers. */
  readonly certificates?: boolean
  /** Lines for links in mails. */
  readonly links?: boolean
  /** Signatures that find phishing by a mail's text: those of two beginnings, as in stock. */
  readonly phishingNames?: boolean
}

const linkEndings = /\.(?:pdb|wdb|gdb)$/i
const phishingName = /^(?:HTML|Email)\.Phishing/

/**
 * Loads what the paths name, signatures of programs that may be unwanted only when `unwanted` asks for them. Rejects with DatabaseError when a path
 * cannot be read or there is no signature in the end.
 */
export async function loadDatabases(
  paths: readonly string[],
  { certificates = false, links = false, phishingNames = false }: LeftOut = {},
  unwanted?: UnwantedCategories,
): Promise<LoadedDatabases> {
  if (paths.length === 0) return compile(builtinSources())
  const texts: SignatureFile[] = []
  const complaints: string[] = []
  for (const path of paths.flatMap(filesAt)) {
    const bytes = read(path, (file) => readFileSync(file))
    if (endings.test(path)) texts.push({ name: path, text: () => [bytes] })
    else if (isCompiled(path, bytes)) {
      if (paths.length > 1)
        throw new DatabaseError(`${path}: compiled definitions stand alone; name them with a single -d`)
      const opened = openDefinitions(bytes)
      const { signatureCount } = opened
      if (certificates && opened.certificates.length > 0)
        throw new DatabaseError(`${path}: --nocerts needs the texts: these are compiled with certificates`)
      if (links && opened.links.rules.length + opened.links.addressCount > 0)
        throw new DatabaseError(
          `${path}: --phishing-scan-urls=no needs the texts: these are compiled with lines for links`,
        )
      if (phishingNames) throw new DatabaseError(`${path}: --phishing-sigs=no needs the texts`)
      return { definitions: bytes, signatureCount, complaints }
    } else complaints.push(`${path}: neither compiled definitions nor a known ending; left out`)
  }
  const { files, sets } = await expandSets(texts)
  const isUsed = ({ name }: SignatureFile) =>
    !(certificates && certificateFile.test(name)) && !(links && linkEndings.test(name))
  const isLeftOut = (name: string) => phishingNames && phishingName.test(name)
  const asked = unwanted === undefined ? {} : { unwanted }
  return compile({ files: files.filter(isUsed), sets, isLeftOut, ...asked }, [
    ...complaints,
    ...sets.flatMap(unverified),
  ])
}

/** A refused set is told like a refused line. */
function unverified({ file, outcome, reason }: SetAccount): string[] {
  return outcome === 'unverified' ? [`${file}: not verified: ${reason}`] : []
}

/** The file itself, or those in a folder that are databases by their ending, in the order of their names. */
function filesAt(path: string): string[] {
  if (!read(path, (file) => statSync(file)).isDirectory()) return [path]
  const entries: Dirent[] = read(path, (folder) => readdirSync(folder, { withFileTypes: true }))
  const databases = entries.filter((entry) => !entry.isDirectory() && endings.test(entry.name))
  if (databases.length === 0) throw new DatabaseError(`${path}: no database in this folder`)
  return databases.map((entry) => join(path, entry.name)).sort()
}

function read<T>(path: string, how: (path: string) => T): T {
  try {
    return how(path)
  } catch (error) {
    throw new DatabaseError(`${path}: ${(error as Error).message}`)
  }
}

function isCompiled(path: string, bytes: Uint8Array): boolean {
  try {
    openDefinitions(bytes)
    return true
  } catch (error) {
    if (!(error instanceof DefinitionsError)) throw error
    if (error.code === 'not-definitions' || bytes.length < SHORTEST_BYTES) return false
    throw new DatabaseError(`${path}: ${error.message}`)
  }
}

function compile(
  sources: Pick<CompileInput, 'files' | 'sets' | 'descriptions' | 'isLeftOut' | 'unwanted'>,
  complaints: readonly string[] = [],
): LoadedDatabases {
  const createdAt = new Date().toISOString()
  const { bytes, summary } = compileDefinitions({ version: 'local', createdAt, ...sources })
  const refused = summary.refused.map(
    ({ file, line, reason }) => `${file}${line > 0 ? `:${line}` : ''}: refused: ${reason}`,
  )
  const unsupported = summary.unsupported.map(
    ({ format, count, reason, names }) =>
      `.${format}: ${count} not supported: ${reason} (${names.join(', ')})`,
  )
  const more = summary.refusedCount - refused.length
  const all = [
    ...complaints,
    ...refused,
    ...(more > 0 ? [`${more} more lines are refused`] : []),
    ...unsupported,
  ]
  const { signatureCount, links } = openDefinitions(bytes)
  if (signatureCount + links.rules.length + links.addressCount === 0)
    throw new DatabaseError([...all, 'there is no signature to look for'].join('\n'))
  return { definitions: bytes, signatureCount, complaints: all }
}
