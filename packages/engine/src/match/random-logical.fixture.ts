/** Random logical signatures over random patterns, for tests beside an oracle: the same seed gives the same. */
import {
  type Random,
  type RandomOptions,
  type RandomSignature,
  randomSignature,
} from './random-signatures.fixture.ts'

export interface RandomLogical {
  /** What follows the name in an .ldb line, without the sub-signatures. */
  readonly head: string
  readonly patterns: readonly ModifiedSignature[]
}

/** A pattern with the modifiers behind it, `::` before them, or nothing. */
export interface ModifiedSignature extends RandomSignature {
  readonly modifiers: string
}

/** A logical signature of one to four patterns, each of which its expression speaks of. */
export function randomLogical(random: Random, options: RandomOptions): RandomLogical {
  const count = 1 + random.whole(4)
  const patterns = Array.from({ length: count }, () =>
    withModifiers(random, randomSignature(random, options)),
  )
  const low = random.whole(100)
  const size = random.chance(0.2) ? `,FileSize:${low}-${low + random.whole(2000)}` : ''
  let expression = randomExpression(random, count, 2)
  // Stock ClamAV wants the highest sub-signature to be spoken of.
  if (!new RegExp(`(?:^|[(&|])${count - 1}`).test(expression)) {
    expression = `${expression}${random.pick(['&', '|'])}${count - 1}`
  }
  return { head: `Engine:51-255,Target:0${size};${expression}`, patterns }
}

/** Groups have two operands at least: stock ClamAV takes no comparison behind one. */
function randomExpression(random: Random, subs: number, depth: number): string {
  const operands = Array.from({ length: (depth < 2 ? 2 : 1) + random.whole(2) }, () => {
    if (depth === 0 || random.chance(0.6)) {
      const sub = random.whole(subs)
      return random.chance(0.4) ? `${sub}${random.pick(['=', '>', '<'])}${random.whole(3)}` : `${sub}`
    }
    const group = `(${randomExpression(random, subs, depth - 1)})`
    if (random.chance(0.4)) return group
    const distinct = random.pick(['', '', ',1', ',2', ',3'])
    return `${group}${random.pick(['=', '>', '<'])}${random.whole(5)}${distinct}`
  })
  const operator = random.pick(['&', '|'])
  return operands.reduce(
    (text, operand) => `${text}${random.chance(0.8) ? operator : random.pick(['&', '|'])}${operand}`,
  )
}

/** Modifiers that the compiler and the oracle both take beside this pattern, and an example that fits them. */
export function withModifiers(random: Random, signature: RandomSignature): ModifiedSignature {
  const { hex, example } = signature
  if (/[[!]/.test(hex) || random.chance(0.4)) return { ...signature, modifiers: '' }
  const fold = random.chance(0.6)
  const wide = !/\([BWL]\)/.test(hex) && random.chance(0.4)
  const whole = !wide && /^[0-9a-f]{2}.*[0-9a-f]{2}$/.test(hex) && random.chance(0.2)
  const both = random.chance(0.5)
  const letters = `${fold ? 'i' : ''}${wide ? 'w' : ''}${both ? 'a' : ''}${whole ? 'f' : ''}`
  const cased = fold
    ? example.map((byte) =>
        /[a-z]/.test(String.fromCharCode(byte)) && random.chance(0.5) ? byte ^ 0x20 : byte,
      )
    : example
  const isWide = wide && !(both && random.chance(0.5))
  return {
    ...signature,
    example: isWide ? Uint8Array.from([...cased].flatMap((byte) => [byte, 0])) : cased,
    modifiers: letters === '' ? '' : `::${letters}`,
  }
}
