/** The words of a format, as the bytes that an input may hold: numbers in each length and order, texts narrow and wide. */

export function wordBytes(words: Iterable<string | number | Uint8Array>): Uint8Array[] {
  return [...words].flatMap((word) => {
    if (word instanceof Uint8Array) return [word]
    if (typeof word === 'string') return [Buffer.from(word, 'latin1'), Buffer.from(word, 'utf16le')]
    return numberBytes(word)
  })
}

function numberBytes(value: number): Uint8Array[] {
  const least = value <= 0xffff ? 2 : value <= 0xffffffff ? 4 : 6
  const lengths = [2, 4, 6].filter((length) => length >= least && (length < 6 || least === 6))
  return lengths.flatMap((length) => {
    const little = Buffer.alloc(length)
    little.writeUIntLE(value, 0, length)
    return [little, Buffer.from(little).reverse()]
  })
}
