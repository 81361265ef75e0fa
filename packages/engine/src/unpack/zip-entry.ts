/**
 * One entry of a zip that node:zlib cannot open: it is packed by another method, or encrypted. The archive library gets it as an archive of one entry,
 * made of a header of ours around the packed bytes where they lie, so that each entry may have a password of its own and none hides another.
 */
import type { Budget } from '../budget.ts'
import { type ByteSource, bytesSource } from '../byte-source.ts'
import { usablePasswords } from '../decoders/passwords.ts'
import type { UnpackedPart, UnpackMeans } from './container.ts'
import { joinedSource } from './joined-source.ts'
import { partsOfLibrary } from './library-entries.ts'

/** What the directory says of an entry (APPNOTE section 4.3.12). */
export interface ZipEntryHeader {
  readonly generalPurposeBitFlag: number
  readonly compressionMethod: number
  readonly lastModFileTime: number
  readonly lastModFileDate: number
  readonly crc32: number
  readonly compressedSize: number
  readonly uncompressedSize: number
  readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[]
  isEncrypted(): boolean
}

/** What is said of an entry that no password opens. */
export const needsPassword = { reason: 'encrypted', detail: 'the entry needs a password' } as const

/** Method, strength and vendor of AES (APPNOTE appendix; "AE-x", WinZip's specification). */
const AES_FIELD = 0x9901
const ZIP64_FIELD = 0x0001
const NAME = Buffer.from('x')
const LARGEST = 0xffffffff

/** Opens zip entries one after the other, by the password that opened the one before first. */
export class ZipEntryDecoder {
  readonly #means: UnpackMeans
  readonly #budget: Budget
  #passwords: readonly string[]
  #parts: Generator<UnpackedPart> | undefined

  constructor(means: UnpackMeans, budget: Budget) {
    this.#means = means
    // The entry has been counted.
    this.#budget = { ...budget, takeEntry: () => true }
    this.#passwords = usablePasswords(means.passwords)
  }

  /** The entry's content, or why there is none, without a label of its own. `data` are its packed bytes. A content is valid until the next entry is opened. */
  open(entry: ZipEntryHeader, data: ByteSource): UnpackedPart {
    const archive = archiveOfOne(entry, data)
    if (!entry.isEncrypted()) return this.#decode(archive, '-')
    for (const password of this.#passwords) {
      const part = this.#decode(archive, password)
      // A wrong password gives noise, which one in 256 entries does not tell from what was packed before it is unpacked.
      if (part.kind !== 'content' || part.shortfall?.reason === 'damaged') continue
      this.#passwords = [password, ...this.#passwords.filter((other) => other !== password)]
      return part
    }
    return { kind: 'unscanned', shortfall: needsPassword }
  }

  /** Gives back what the last entry's content is decoded by. */
  close(): void {
    this.#parts?.return(undefined)
    this.#parts = undefined
  }

  #decode(archive: ByteSource, password: string): UnpackedPart {
    const options = ['x', '-y', '-o/o', '-bd', '-spd', '-sccUTF-8', '-tZip', `-p${password}`, '/a']
    const run = () => this.#means.decoders.run(options, archive, this.#budget.check)
    this.close()
    this.#parts = partsOfLibrary({
      events: run(),
      runAgain: run,
      factsOf: () => undefined,
      archiveBytes: archive.size,
      budget: this.#budget,
    })
    const first = this.#parts.next()
    if (first.done !== true) return first.value
    return { kind: 'unscanned', shortfall: { reason: 'damaged', detail: 'nothing came out of the entry' } }
  }
}

/** An archive with this entry alone. Sizes stand in a zip64 field, whatever they are; of the entry's own fields only that of AES means something here. */
function archiveOfOne(entry: ZipEntryHeader, data: ByteSource): ByteSource {
  const aes = entry.extraFields.filter(({ id }) => id === AES_FIELD)
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(51, 0)
  fields.writeUInt16LE(entry.generalPurposeBitFlag, 2)
  fields.writeUInt16LE(entry.compressionMethod, 4)
  fields.writeUInt16LE(entry.lastModFileTime, 6)
  fields.writeUInt16LE(entry.lastModFileDate, 8)
  fields.writeUInt32LE(entry.crc32, 10)
  fields.writeUInt32LE(LARGEST, 14)
  fields.writeUInt32LE(LARGEST, 18)
  fields.writeUInt16LE(NAME.length, 22)
  const zip64 = Buffer.alloc(16)
  zip64.writeBigUInt64LE(BigInt(entry.uncompressedSize), 0)
  zip64.writeBigUInt64LE(BigInt(entry.compressedSize), 8)
  const extra = Buffer.concat([{ id: ZIP64_FIELD, data: zip64 }, ...aes].map(extraField))
  fields.writeUInt16LE(extra.length, 24)
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, NAME, extra])
  const directory = Buffer.concat([
    Buffer.from('PK\x01\x02\x33\0', 'latin1'),
    fields,
    Buffer.alloc(14),
    NAME,
    extra,
  ])
  return joinedSource([
    bytesSource(local),
    data,
    bytesSource(Buffer.concat([directory, directoryEnd(directory.length, local.length + data.size)])),
  ])
}

function extraField({ id, data }: { readonly id: number; readonly data: Buffer }): Buffer {
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(data.length, 2)
  return Buffer.concat([head, data])
}

/** Sections 4.3.14 to 4.3.16, for one entry. */
function directoryEnd(length: number, offset: number): Buffer {
  const end = Buffer.alloc(98)
  end.write('PK\x06\x06', 0, 'latin1')
  end.writeBigUInt64LE(44n, 4)
  end.writeBigUInt64LE(1n, 24)
  end.writeBigUInt64LE(1n, 32)
  end.writeBigUInt64LE(BigInt(length), 40)
  end.writeBigUInt64LE(BigInt(offset), 48)
  end.write('PK\x06\x07', 56, 'latin1')
  end.writeBigUInt64LE(BigInt(offset + length), 64)
  end.writeUInt32LE(1, 72)
  end.write('PK\x05\x06', 76, 'latin1')
  end.writeUInt16LE(1, 84)
  end.writeUInt16LE(1, 86)
  end.writeUInt32LE(length, 88)
  end.writeUInt32LE(LARGEST, 92)
  return end
}
