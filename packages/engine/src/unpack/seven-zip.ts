/**
 * 7z (7-Zip's documentation, 7zFormat.txt, as its archives show it): whether its header is encrypted stands in the last header, which says with
 * which method it is packed.
 */
import type { ByteSource } from '../byte-source.ts'
import { countedFromZero, libraryArchive } from './library-archive.ts'

const START_BYTES = 32
/** A header that only says where the true one lies is short. */
const HEADER_MAX_BYTES = 1024
/** The method's number, AES-256 with SHA-256. */
const AES = Buffer.from([0x06, 0xf1, 0x07, 0x01])

export const unpackSevenZip = libraryArchive({
  name: '7z',
  container: () => 'CL_TYPE_7Z',
  adjust: countedFromZero,
  isLocked,
})

function isLocked(source: ByteSource): boolean {
  if (source.size < START_BYTES) return false
  const start = Buffer.from(source.read(0, START_BYTES))
  const place = START_BYTES + Number(start.readBigUInt64LE(12))
  const length = Number(start.readBigUInt64LE(20))
  if (place + length > source.size || length > HEADER_MAX_BYTES) return false
  return Buffer.from(source.read(place, length)).includes(AES)
}
