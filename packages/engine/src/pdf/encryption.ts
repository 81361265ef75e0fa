/**
 * How the streams and strings of an encrypted PDF are deciphered (ISO 32000-2, clause 7.6), when it opens without a password. What a
 * dictionary of encryption says is believed only when its key fits.
 */
import { createDecipheriv, createHash } from 'node:crypto'
import { fileKey, type KeyFacts } from './file-key.ts'
import { rc4 } from './rc4.ts'
import { bytesOf, countOf, entryOf, isKind, nameOf, type PdfValue } from './values.ts'

/** The object that something stands in, by which its key is told. */
export interface ObjectId {
  readonly number: number
  readonly generation: number
}

type Method = 'none' | 'rc4' | 'aes' | 'aes-256'

export interface Decryption {
  /** `filter` is the name that the stream's own Crypt filter has, if it has one. */
  stream(data: Uint8Array, id: ObjectId, filter: string | undefined): Uint8Array
  string(data: Uint8Array, id: ObjectId): Uint8Array
  /** Whether streams of metadata are encrypted. */
  readonly encryptsMetadata: boolean
}

/** Follows a reference. */
export type Resolve = (value: PdfValue | undefined) => PdfValue | undefined

/** The decryption that a dictionary describes, if it opens without a password. */
export function openEncryption(
  dictionary: PdfValue,
  documentId: Uint8Array,
  resolve: Resolve,
): Decryption | undefined {
  const at = (key: string) => resolve(entryOf(dictionary, key))
  const version = countOf(at('V')) ?? 0
  const filters = resolve(entryOf(dictionary, 'CF'))
  const standard = resolve(entryOf(filters, nameOf(at('StmF')) ?? 'StdCF'))
  const revision = countOf(at('R')) ?? 0
  const [owner, user] = [bytesOf(at('O')), bytesOf(at('U'))]
  if (nameOf(at('Filter')) !== 'Standard' || owner === undefined || user === undefined) return undefined
  if (revision < 2 || revision > 6 || user.length < 32 || owner.length < 32) return undefined
  const facts: KeyFacts = {
    revision,
    keyBytes: keyBytes(version, revision, countOf(at('Length')), countOf(entryOf(standard, 'Length'))),
    owner,
    user,
    ownerKey: bytesOf(at('OE')) ?? new Uint8Array(0),
    userKey: bytesOf(at('UE')) ?? new Uint8Array(0),
    permissions: numberOf(at('P')),
    encryptsMetadata: at('EncryptMetadata') !== false,
    documentId,
  }
  const key = fileKey(facts)
  if (key === undefined) return undefined
  const methodOf = (name: string | undefined): Method => {
    if (version < 4) return 'rc4'
    if (name === undefined || name === 'Identity') return 'none'
    return methods[nameOf(resolve(entryOf(resolve(entryOf(filters, name)), 'CFM'))) ?? 'None'] ?? 'none'
  }
  const [forStreams, forStrings] = [methodOf(nameOf(at('StmF'))), methodOf(nameOf(at('StrF')))]
  return {
    stream: (data, id, filter) =>
      decipher(data, filter === undefined ? forStreams : methodOf(filter), key, id),
    string: (data, id) => decipher(data, forStrings, key, id),
    encryptsMetadata: facts.encryptsMetadata,
  }
}

/** Table 25. */
const methods: Readonly<Record<string, Method>> = { None: 'none', V2: 'rc4', AESV2: 'aes', AESV3: 'aes-256' }

/** The length stands in bits, and in some files of version 4 in bytes. */
function keyBytes(
  version: number,
  revision: number,
  stated: number | undefined,
  ofFilter: number | undefined,
): number {
  if (revision === 2 || version === 1) return 5
  if (version >= 4 && stated === undefined) return ofFilter === 5 || ofFilter === 40 ? 5 : 16
  const bits = stated ?? 40
  return Math.max(5, Math.min(16, bits >= 40 ? bits >> 3 : bits))
}

function numberOf(value: PdfValue | undefined): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : 0
}

function decipher(data: Uint8Array, method: Method, key: Buffer, id: ObjectId): Uint8Array {
  if (method === 'none') return data
  if (method === 'aes-256') return fromAes(data, key, 'aes-256-cbc')
  const own = objectKey(key, id, method === 'aes')
  return method === 'rc4' ? rc4(own, data) : fromAes(data, own, 'aes-128-cbc')
}

/** Algorithm 1. */
function objectKey(key: Buffer, { number, generation }: ObjectId, isAes: boolean): Buffer {
  const salt = Buffer.alloc(5)
  salt.writeUIntLE(number % 2 ** 24, 0, 3)
  salt.writeUIntLE(generation % 2 ** 16, 3, 2)
  const hash = createHash('md5').update(key).update(salt)
  if (isAes) hash.update('sAlT')
  return hash.digest().subarray(0, isAes ? 16 : Math.min(key.length + 5, 16))
}

const BLOCK_BYTES = 16

/** The first block is the vector; blocks that are not whole are left out, and padding that is none stays. */
function fromAes(data: Uint8Array, key: Buffer, algorithm: 'aes-128-cbc' | 'aes-256-cbc'): Uint8Array {
  const length = data.length - (data.length % BLOCK_BYTES)
  if (length < 2 * BLOCK_BYTES || key.length !== (algorithm === 'aes-128-cbc' ? 16 : 32))
    return new Uint8Array(0)
  const plain = createDecipheriv(algorithm, key, data.subarray(0, BLOCK_BYTES))
    .setAutoPadding(false)
    .update(data.subarray(BLOCK_BYTES, length))
  const padding = plain.at(-1) ?? 0
  return padding >= 1 && padding <= BLOCK_BYTES ? plain.subarray(0, plain.length - padding) : plain
}

/** The first string of a trailer's /ID. */
export function documentIdOf(trailer: PdfValue | undefined, resolve: Resolve): Uint8Array {
  const list = resolve(entryOf(trailer, 'ID'))
  return (isKind(list, 'array') ? bytesOf(resolve(list.items[0])) : undefined) ?? new Uint8Array(0)
}
