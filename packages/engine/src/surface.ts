/**
 * What of one file signatures could touch, gathered while it is scanned: which targets its contents have, and the hashes that were
 * computed anyway. It computes no hash, and says nothing of a file that is not clean.
 */
import { HASH_PREFIX_BYTES, type HashAlgorithm, surfaceBits, targetBit } from '@coreward/definitions'

/** Of a clean file. */
export interface Surface {
  /** The targets of all contents and forms, as `targetBit`, and `surfaceBits`. 0 for an empty file. */
  readonly bits: number
  /** First bytes of the file's hashes in lower-case hexadecimal, of HASH_PREFIX_BYTES; absent where it was not computed. */
  readonly md5?: string
  readonly sha1?: string
  readonly sha256?: string
}

/** As Matcher.match takes it. */
type OnHash = (algorithm: HashAlgorithm, hex: string) => void

const PREFIX_CHARACTERS = 2 * HASH_PREFIX_BYTES

export class SurfaceAccount {
  #bits = 0
  #hashedContents = 0
  #hashes: Partial<Record<HashAlgorithm, string>> = {}

  /** A content is matched for this target. The answer takes its hashes. */
  addContent(target: number, isHashed: boolean): OnHash {
    this.#bits |= targetBit(target)
    if (isHashed) this.#hashedContents += 1
    if (this.#hashedContents > 1) this.add('severalHashed')
    // The first one is the file itself; of no other one's hashes it is asked.
    if (!isHashed || this.#hashedContents > 1) return () => {}
    return (algorithm, hex) => {
      this.#hashes[algorithm] = hex.slice(0, PREFIX_CHARACTERS)
    }
  }

  add(bit: keyof typeof surfaceBits): void {
    this.#bits |= surfaceBits[bit]
  }

  /** Contents of this target may be in the file: they were not looked for. */
  addUnseen(target: number): void {
    this.#bits |= targetBit(target)
    this.add('severalHashed')
  }

  told(): Surface {
    return {
      bits: this.#bits,
      ...(this.#hashedContents === 1 && !this.#has('severalHashed') ? this.#hashes : {}),
    }
  }

  #has(bit: keyof typeof surfaceBits): boolean {
    return (this.#bits & surfaceBits[bit]) !== 0
  }
}
