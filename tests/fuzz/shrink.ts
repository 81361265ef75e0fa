/** Makes an input that shows a fault smaller, for as long as it shows the same one. */
import type { FuzzTarget } from './fuzz-target.ts'
import { tryInput } from './trial.ts'

/** Pieces are taken out, from halves down to single bytes, and what is left is set to zero where that changes nothing. */
export async function shrink(target: FuzzTarget, input: Uint8Array): Promise<Uint8Array> {
  const wanted = (await tryInput(target, input, true))?.key
  if (wanted === undefined) return input
  const shows = async (candidate: Uint8Array) => (await tryInput(target, candidate, true))?.key === wanted
  let smallest = Buffer.from(input)
  for (let length = smallest.length; length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < smallest.length; ) {
      const candidate = Buffer.concat([smallest.subarray(0, at), smallest.subarray(at + length)])
      if (await shows(candidate)) smallest = candidate
      else at += length
    }
  }
  for (let at = 0; at < smallest.length; at += 1) {
    const candidate = Buffer.from(smallest)
    candidate[at] = 0
    if (await shows(candidate)) smallest = candidate
  }
  return smallest
}
