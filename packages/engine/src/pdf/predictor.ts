/** Predictors, which stand behind Flate and LZW (ISO 32000-2, clause 7.4.4.4; filters of PNG, RFC 2083 section 6; TIFF 6.0 section 14). */

/** What a predictor works by; numbers that are out of bounds have been refused. */
export interface Prediction {
  readonly predictor: number
  readonly colours: number
  readonly bits: number
  readonly columns: number
}

/** A row of more bytes is none: no honest image comes near. */
const ROW_MAX_BYTES = 64 * 1024 * 1024

/** Whether the numbers describe rows that can be. */
export function isPossible({ colours, bits, columns }: Prediction): boolean {
  return (
    colours >= 1 &&
    colours <= 256 &&
    [1, 2, 4, 8, 16].includes(bits) &&
    columns >= 1 &&
    (colours * bits * columns) / 8 <= ROW_MAX_BYTES
  )
}

/** The bytes that were predicted from, which may be those given, changed. `check` is called every so many rows. */
export function unpredicted(data: Uint8Array, prediction: Prediction, check: () => void): Uint8Array {
  const { predictor, colours, bits, columns } = prediction
  const rowBytes = Math.ceil((colours * bits * columns) / 8)
  const pixelBytes = Math.max(1, (colours * bits) >> 3)
  if (predictor === 2) return fromTiff(data, prediction, rowBytes, check)
  return fromPng(data, rowBytes, pixelBytes, check)
}

const ROWS_BETWEEN_CHECKS = 4096

/** Each row has a byte before it that says how it was predicted. The result lies where the data does. */
function fromPng(data: Uint8Array, rowBytes: number, pixelBytes: number, check: () => void): Uint8Array {
  let length = 0
  for (let row = 0; row * (rowBytes + 1) < data.length; row += 1) {
    if (row % ROWS_BETWEEN_CHECKS === 0) check()
    const from = row * (rowBytes + 1)
    const filter = data[from] ?? 0
    const width = Math.min(rowBytes, data.length - from - 1)
    for (let at = 0; at < width; at += 1) {
      const left = at >= pixelBytes ? (data[length + at - pixelBytes] ?? 0) : 0
      const up = row > 0 ? (data[length + at - rowBytes] ?? 0) : 0
      const corner = row > 0 && at >= pixelBytes ? (data[length + at - rowBytes - pixelBytes] ?? 0) : 0
      data[length + at] = (data[from + 1 + at] ?? 0) + predicted(filter, left, up, corner)
    }
    length += width
  }
  return data.subarray(0, length)
}

function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left
  if (filter === 2) return up
  if (filter === 3) return (left + up) >> 1
  if (filter !== 4) return 0
  const toLeft = Math.abs(up - corner)
  const toUp = Math.abs(left - corner)
  const toCorner = Math.abs(left + up - 2 * corner)
  if (toLeft <= toUp && toLeft <= toCorner) return left
  return toUp <= toCorner ? up : corner
}

/** Each sample is the difference to that of the pixel before it in its row. */
function fromTiff(
  data: Uint8Array,
  { colours, bits, columns }: Prediction,
  rowBytes: number,
  check: () => void,
): Uint8Array {
  const mask = 2 ** bits - 1
  for (let row = 0; row * rowBytes < data.length; row += 1) {
    if (row % ROWS_BETWEEN_CHECKS === 0) check()
    const line = data.subarray(row * rowBytes, (row + 1) * rowBytes)
    const samples = Math.min(colours * columns, Math.floor((line.length * 8) / bits))
    for (let sample = colours; sample < samples; sample += 1) {
      const value = sampleAt(line, sample, bits) + sampleAt(line, sample - colours, bits)
      putSample(line, sample, bits, value & mask)
    }
  }
  return data
}

function sampleAt(line: Uint8Array, sample: number, bits: number): number {
  if (bits === 8) return line[sample] ?? 0
  if (bits === 16) return ((line[2 * sample] ?? 0) << 8) | (line[2 * sample + 1] ?? 0)
  const place = sample * bits
  return ((line[place >> 3] ?? 0) >> (8 - bits - (place & 7))) & (2 ** bits - 1)
}

function putSample(line: Uint8Array, sample: number, bits: number, value: number): void {
  if (bits === 8) line[sample] = value
  else if (bits === 16) {
    line[2 * sample] = value >> 8
    line[2 * sample + 1] = value & 255
  } else {
    const place = sample * bits
    const shift = 8 - bits - (place & 7)
    line[place >> 3] = ((line[place >> 3] ?? 0) & ~((2 ** bits - 1) << shift)) | (value << shift)
  }
}
