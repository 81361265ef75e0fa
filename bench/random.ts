/**
 * Numbers that look random and are the same in every run, so that a benchmark can be repeated elsewhere.
 * Never to be used where a number must be unpredictable.
 */

/** Unsigned 32-bit numbers from a seed's text: xmur3 for the seed, then mulberry32. */
export function generator(seed: string): () => number {
  let state = 1779033703 ^ seed.length
  for (let at = 0; at < seed.length; at++) {
    state = Math.imul(state ^ seed.charCodeAt(at), 3432918353)
    state = (state << 13) | (state >>> 19)
  }
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
