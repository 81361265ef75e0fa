/**
 * A signature set (.cvd, .cld, .cud) → the files in it, and whether it is what ClamAV signed. The flow: header, MD5 of the body, the
 * header's signature, the archive, the .info file with its signature, each file's SHA-256. Anything wrong refuses the whole set; a
 * set that carries no signature is taken and is `unverified`.
 */
import { createHash } from 'node:crypto'
import { Refusal } from '../parse/pattern.ts'
import type { SignatureFile } from '../parse/signature-file.ts'
import { readSetArchive } from './set-archive.ts'
import { parseSetHeader, SET_HEADER_BYTES, type SetHeader } from './set-header.ts'
import { parseSetInfo, type SetInfo } from './set-info.ts'
import { officialKeys, type SetKeys, signsInfo, signsMd5 } from './set-signature.ts'

/** Whose set it is: ClamAV's, or nobody knows, and why not. */
export type SetVerification =
  | { readonly outcome: 'verified' }
  | { readonly outcome: 'unverified'; readonly reason: string }

export interface SignatureSet {
  readonly header: SetHeader
  readonly verification: SetVerification
  /** The files of signatures, each named behind the set: `main.cvd/main.hdb`. */
  readonly files: readonly SignatureFile[]
}

/** Opens a set of this name. Throws Refusal when it is damaged, or signed by somebody else. */
export async function openSignatureSet(
  name: string,
  bytes: Uint8Array,
  keys: SetKeys = officialKeys,
): Promise<SignatureSet> {
  if (bytes.length < SET_HEADER_BYTES) throw new Refusal('it is shorter than the header of a signature set')
  const header = parseSetHeader(Buffer.from(bytes.subarray(0, SET_HEADER_BYTES)).toString('latin1'))
  const body = bytes.subarray(SET_HEADER_BYTES)
  const signedByHeader = checkBody(header, body, keys)
  const contents = await readSetArchive(body)
  const info = infoIn(contents)
  if (info.header.version !== header.version) throw new Refusal('its .info file is that of another version')
  const signedByInfo = checkInfo(info, keys)
  checkFiles(info, contents)
  const texts = [...contents].filter(([file]) => info.files.has(file))
  return {
    header,
    verification:
      signedByHeader || signedByInfo
        ? { outcome: 'verified' }
        : { outcome: 'unverified', reason: 'it carries no signature' },
    files: texts.map(([file, text]) => ({ name: `${name}/${file}`, text: () => piecesOf(text) })),
  }
}

/** What is read of a file at a time: its lines are cut anew from each piece, and a file may be hundreds of megabytes. */
const PIECE_BYTES = 256 * 1024

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}

/** Whether the header is signed and speaks of this body. Throws Refusal when what it says is not so. */
function checkBody({ md5, signature }: SetHeader, body: Uint8Array, keys: SetKeys): boolean {
  if (md5 !== undefined && createHash('md5').update(body).digest('hex') !== md5)
    throw new Refusal('its MD5 is not that of its content: it is damaged or was changed')
  if (signature === undefined) return false
  if (md5 === undefined || !signsMd5(signature, md5, keys.header))
    throw new Refusal('its signature is not one of ClamAV: it was changed, or somebody else made it')
  return true
}

function infoIn(contents: ReadonlyMap<string, Uint8Array>): SetInfo {
  const [info, ...more] = [...contents].filter(([file]) => file.endsWith('.info'))
  if (info === undefined || more.length > 0) throw new Refusal('it does not hold one .info file')
  return parseSetInfo(info[1])
}

/** Whether the list of files is signed. Throws Refusal for a wrong signature. */
function checkInfo({ signature }: SetInfo, keys: SetKeys): boolean {
  if (signature === undefined) return false
  if (!signsInfo(signature.text, signature.over, keys.info))
    throw new Refusal('the signature in its .info file is not one of ClamAV')
  return true
}

/** Throws Refusal unless all files are listed, and are what the list says. */
function checkFiles({ files }: SetInfo, contents: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, { size, sha256 }] of files) {
    const content = contents.get(name)
    if (content === undefined) throw new Refusal(`its .info file names ${name}, which is not in it`)
    if (content.length !== size || createHash('sha256').update(content).digest('hex') !== sha256)
      throw new Refusal(`${name} in it is not what its .info file says`)
  }
  for (const name of contents.keys()) {
    if (name !== 'COPYING' && !name.endsWith('.info') && !files.has(name))
      throw new Refusal(`it holds ${name}, which its .info file does not name`)
  }
}
