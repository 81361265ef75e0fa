/**
 * Choices out of a stream of numbers that look random. The stream is the caller's, so that all of a file follows from one seed.
 */

/** Unsigned 32-bit numbers, one after the other. */
export type Random = () => number

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[random() % choices.length] as T
}

/** True in so many percent of all calls. */
export function chance(random: Random, percent: number): boolean {
  return (random() / 2 ** 32) * 100 < percent
}

/** A whole number from `least` to `most`. */
export function between(random: Random, least: number, most: number): number {
  return least + (random() % (most - least + 1))
}

/** A whole number from `least` to `most`, each power of ten between them equally likely. */
export function logUniform(random: Random, least: number, most: number): number {
  return Math.floor(least * (most / least) ** (random() / 2 ** 32))
}

/** One of the values by its share in percent; the first one when the shares leave something over. */
export function byShare<T>(random: Random, shares: readonly (readonly [value: T, percent: number])[]): T {
  let left = (random() / 2 ** 32) * 100
  for (const [value, percent] of shares) {
    left -= percent
    if (left < 0) return value
  }
  return (shares[0] as readonly [T, number])[0]
}
