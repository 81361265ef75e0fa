/** Files as they were found → files of signatures: each signature set (.cvd, .cld, .cud) gives way to the files in it. */
import { Refusal } from '../parse/pattern.ts'
import { formatOf, type SignatureFile } from '../parse/signature-file.ts'
import { openSignatureSet } from './open-signature-set.ts'

/** What became of a set. */
export interface SetAccount {
  /** Its name, as it was given. */
  readonly file: string
  readonly outcome: 'verified' | 'unverified' | 'refused'
  /** Why it is unverified or refused. */
  readonly reason?: string
  /** The set's own number. Absent when it is refused. */
  readonly version?: number
  /** RFC 3339 in UTC, when the set tells it. */
  readonly builtAt?: string
}

export interface ExpandedSets {
  readonly files: readonly SignatureFile[]
  readonly sets: readonly SetAccount[]
}

const endings = ['cvd', 'cld', 'cud']

/**
 * Opens the sets among the files. Never rejects for what they hold: a set that cannot be used is told as refused.
 *
 * @example compileDefinitions({ version, createdAt, ...(await expandSets(files)) })
 */
export async function expandSets(files: readonly SignatureFile[]): Promise<ExpandedSets> {
  const expanded: SignatureFile[] = []
  const sets: SetAccount[] = []
  for (const file of files) {
    if (endings.includes(formatOf(file))) {
      const { account, inner } = await expand(file)
      sets.push(account)
      expanded.push(...inner)
    } else expanded.push(file)
  }
  return { files: expanded, sets }
}

async function expand(
  file: SignatureFile,
): Promise<{ account: SetAccount; inner: readonly SignatureFile[] }> {
  try {
    const { header, verification, files } = await openSignatureSet(file.name, wholeOf(file))
    const { version, builtAt } = header
    const account = {
      file: file.name,
      version,
      ...verification,
      ...(builtAt === undefined ? {} : { builtAt }),
    }
    return { account, inner: files }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return { account: { file: file.name, outcome: 'refused', reason: error.message }, inner: [] }
  }
}

function wholeOf({ text }: SignatureFile): Uint8Array {
  if (typeof text === 'string') return Buffer.from(text, 'latin1')
  const pieces = [...text()]
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces)
}
