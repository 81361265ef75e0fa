/** Signature sets as ClamAV builds them, signed with keys made here, and ways to spoil them. */
import { constants, createHash, generateKeyPairSync, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { SetKeys } from './set-signature.ts'

const header = generateKeyPairSync('rsa', { modulusLength: 1024 })
const info = generateKeyPairSync('rsa', { modulusLength: 2048 })

/** The keys that sets of `makeSet` are signed with. */
export const testKeys: SetKeys = { header: header.publicKey, info: info.publicKey }

export interface SetRecipe {
  readonly files?: Readonly<Record<string, string>>
  /** Entries of the archive beside COPYING, .info and files, or instead of them. */
  readonly more?: readonly { readonly name: string; readonly content?: string; readonly type?: 'symlink' }[]
  /** Changes what the .info file says before it is signed. */
  readonly info?: (text: string) => string
  readonly signHeader?: boolean
  readonly signInfo?: boolean
  readonly compress?: boolean
  /** Changes the header's fields. */
  readonly header?: (text: string) => string
}

export const someFiles = {
  'main.hdb': 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n',
  'main.ndb': '# comment\nTest.Good:0:*:6162636465\nTest.Bad:0:*:zz\n',
}

/** A set of these files. */
export async function makeSet(recipe: SetRecipe = {}): Promise<Uint8Array> {
  const { files = someFiles, more = [], compress = true, signHeader = false, signInfo = false } = recipe
  const facts = (md5: string, signature: string) =>
    `ClamAV-VDB:25 Nov 2026 12-31 +0000:7:3:90:${md5}:${signature}:tester:1795609897`
  const listed = Object.entries(files).map(
    ([name, text]) => `${name}:${text.length}:${createHash('sha256').update(text).digest('hex')}\n`,
  )
  const lines = (recipe.info ?? ((text: string) => text))(`${facts('X', 'X')}\n${listed.join('')}`)
  const signature = signInfo ? `DSIG:${pssOver(lines)}\n` : ''
  const archive = pack()
  archive.entry({ name: 'COPYING' }, 'Free to copy.\n')
  archive.entry({ name: 'main.info' }, `${lines}${signature}`)
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text)
  for (const { name, content = '', type } of more)
    archive.entry(type === undefined ? { name } : { name, type, linkname: 'main.hdb' }, content)
  archive.finalize()
  const plain = await buffer(archive)
  const body = compress ? gzipSync(plain) : plain
  const md5 = createHash('md5').update(body).digest('hex')
  return joined((recipe.header ?? ((text) => text))(facts(md5, signHeader ? rsaOver(md5) : 'X')), body)
}

/** A header's text, padded, and a body. */
export function joined(text: string, body: Uint8Array): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from(text.padEnd(512)), body]))
}

function rsaOver(md5: string, key: KeyObject = header.privateKey): string {
  const plain = Buffer.from(md5.padStart(256, '0'), 'hex')
  return written(privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, plain))
}

function pssOver(lines: string): string {
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return written(sign('sha256', Buffer.from(lines), { key: info.privateKey, padding, saltLength: 32 }))
}

/** A number in digits of six bits, the lowest first. */
function written(bytes: Buffer): string {
  const digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/'
  let text = ''
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest >>= 6n)
    text += digits[Number(rest & 63n)]
  return text
}
