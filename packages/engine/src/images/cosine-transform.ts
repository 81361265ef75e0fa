/** The cosine transform of type II, by splitting (split-radix) in 32-bit floats: sizes are powers of two. Not scaled. */

const { fround } = Math
const HALF_ROOT = fround(Math.SQRT1_2)

/** Transforms the rows of a square of `size` by `size`, and then its columns. A new array. */
export function transformSquare(square: ArrayLike<number>, size: number): Float32Array {
  const result = Float32Array.from(square)
  for (let row = 0; row < size; row += 1) {
    result.set(transform(result.slice(row * size, (row + 1) * size)), row * size)
  }
  for (let column = 0; column < size; column += 1) {
    const values = transform(result.filter((_, index) => index % size === column))
    values.forEach((value, row) => {
      result[row * size + column] = value
    })
  }
  return result
}

/** One transform: half of the frequencies by one of half the size, a quarter each by two of a quarter. */
function transform(input: Float32Array): Float32Array {
  const size = input.length
  const at = (index: number) => input[index] as number
  if (size === 1) return input
  if (size === 2) return Float32Array.of(at(0) + at(1), fround(at(0) - at(1)) * HALF_ROOT)
  const [half, quarter] = [size / 2, size / 4]
  const evens = new Float32Array(half)
  const cosines = new Float32Array(quarter)
  const sines = new Float32Array(quarter)
  for (let index = 0; index < quarter; index += 1) {
    const [first, last] = [at(index), at(size - 1 - index)]
    const [left, right] = [at(half - 1 - index), at(half + index)]
    evens[index] = first + last
    evens[half - 1 - index] = left + right
    const [outer, inner] = [fround(first - last), fround(left - right)]
    const angle = (Math.PI * (2 * index + 1)) / (2 * size)
    const [cosine, sine] = [fround(Math.cos(angle)), fround(Math.sin(angle))]
    cosines[index] = fround(outer * cosine) + fround(inner * sine)
    const turned = fround(inner * cosine) - fround(outer * sine)
    sines[quarter - 1 - index] = index % 2 === 0 ? turned : -turned
  }
  return merged(transform(evens), transform(cosines), transform(sines))
}

function merged(evens: Float32Array, cosines: Float32Array, sines: Float32Array): Float32Array {
  const quarter = cosines.length
  const result = new Float32Array(4 * quarter)
  evens.forEach((value, index) => {
    result[2 * index] = value
  })
  result[1] = cosines[0] as number
  for (let index = 1; index < quarter; index += 1) {
    const cosine = cosines[index] as number
    const sine = ((index + quarter) % 2 === 0 ? -1 : 1) * (sines[quarter - index] as number)
    result[4 * index - 1] = cosine + sine
    result[4 * index + 1] = cosine - sine
  }
  result[4 * quarter - 1] = -(sines[0] as number)
  return result
}
