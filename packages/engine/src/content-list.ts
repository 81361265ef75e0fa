/**
 * The list of all contents that one scan met, the file first and each container before what is in it: for callers that describe a file
 * besides judging it. Made only when it is asked for, since each content is hashed once more for it.
 */
import { createHash } from 'node:crypto'
import type { ByteSource } from './byte-source.ts'

/** An archive of a hundred thousand entries must not become a message of as many lines; the rest is counted. */
const LISTED_CONTENTS = 10_000
const BLOCK_BYTES = 256 * 1024

/** One content: the file, or a part inside it. */
export interface ContentFacts {
  /** Where inside the file; absent for the file itself. */
  readonly innerPath?: string
  /** Containers around it: 0 for the file itself. */
  readonly depth: number
  /** ClamAV's name of its type, such as `CL_TYPE_ZIP`. */
  readonly type: string
  readonly bytes: number
  /** In lower-case hex. */
  readonly md5: string
}

/** What a scan met, as far as it was listed. */
export interface ScannedContents {
  readonly listed: readonly ContentFacts[]
  /** How many more there were. */
  readonly unlisted: number
}

export interface ContentList {
  /** Reads and hashes the content, if it is still to be listed. Throws what its source throws. */
  add(source: ByteSource, type: string, place: ListedPlace): void
  contents(): ScannedContents
}

/** Where a content lies (ContentPlace). */
type ListedPlace = Pick<ContentFacts, 'innerPath' | 'depth'>

/** An empty list for one file. */
export function createContentList(): ContentList {
  const listed: ContentFacts[] = []
  let unlisted = 0
  return {
    add(source, type, { innerPath, depth }) {
      if (listed.length >= LISTED_CONTENTS) {
        unlisted += 1
        return
      }
      const facts = {
        depth,
        type,
        bytes: source.size,
        md5: hashOf(source, 'md5'),
      }
      listed.push(innerPath === undefined ? facts : { innerPath, ...facts })
    },
    contents: () => ({ listed, unlisted }),
  }
}

/** A content's hash in lower-case hex. Throws what its source throws. */
export function hashOf(source: ByteSource, algorithm: 'md5' | 'sha256'): string {
  const hash = createHash(algorithm)
  for (let offset = 0; offset < source.size; ) {
    const block = source.read(offset, Math.min(BLOCK_BYTES, source.size - offset))
    hash.update(block)
    offset += block.length
  }
  return hash.digest('hex')
}
