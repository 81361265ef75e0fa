/**
 * A content that lies in pieces of one length, scattered over another source: nothing is copied before it is read.
 */
import type { ByteSource } from '../byte-source.ts'
import { sliceSource } from './slice-source.ts'

/** The `size` bytes in the pieces that begin at `places`, each `pieceBytes` long; there are enough of them. */
export function sectorSource(
  source: ByteSource,
  places: readonly number[],
  pieceBytes: number,
  size: number,
): ByteSource {
  const first = places[0] ?? 0
  if (places.every((place, index) => place === first + index * pieceBytes)) {
    return sliceSource(source, first, size)
  }
  let buffer = new Uint8Array(0)
  return {
    size,
    read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset))
      if (buffer.length < wanted) buffer = new Uint8Array(wanted)
      for (let filled = 0; filled < wanted; ) {
        const at = offset + filled
        const piece = Math.floor(at / pieceBytes)
        // Pieces that lie side by side are read at once: each read of a file costs more than its bytes do.
        let run = 1
        while (
          run * pieceBytes < wanted &&
          places[piece + run] === (places[piece] as number) + run * pieceBytes
        )
          run += 1
        const within = at % pieceBytes
        const count = Math.min(run * pieceBytes - within, wanted - filled)
        buffer.set(source.read((places[piece] as number) + within, count), filled)
        filled += count
      }
      return buffer.subarray(0, wanted)
    },
  }
}

/**
 * Bytes in the pieces at `places` up to the first that the other source, of `size` bytes, does not hold whole: that may be any of them, as
 * a chain may come to the last sector of a file that breaks off and lead on from there.
 */
export function bytesInPieces(places: readonly number[], pieceBytes: number, size: number): number {
  const cut = places.findIndex((place) => place + pieceBytes > size)
  if (cut === -1) return places.length * pieceBytes
  return cut * pieceBytes + Math.max(0, size - (places[cut] as number))
}
