import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { createReadBuffer, descriptorSource } from './byte-source.ts'

const folder = mkdtempSync(join(tmpdir(), 'coreward-source-'))
after(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'file')

/** Around the size up to which a file is read whole. */
const sizes = [1, 1000, 262_143, 262_144, 262_145, 600_000]

function withFile(size: number, use: (fd: number, content: Uint8Array) => void): void {
  const content = Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 0xff)
  writeFileSync(path, content)
  const fd = openSync(path, 'r')
  try {
    use(fd, content)
  } finally {
    closeSync(fd)
  }
}

test('every range of a file is its bytes, whatever was read before and whoever had the memory', () => {
  const buffer = createReadBuffer()
  for (const size of sizes)
    withFile(size, (fd, content) => {
      const source = descriptorSource(fd, size, buffer)
      for (const [offset, length] of [
        [0, 0],
        [0, 64],
        [size - 1, 10],
        [Math.floor(size / 3), size],
        [0, size],
        [size, 5],
        [size + 5, 5],
      ] as const)
        assert.deepEqual(
          Buffer.from(source.read(offset, length)),
          Buffer.from(content.slice(offset, offset + length)),
        )
    })
})

test('a file that grew or shrank since its size was told is found out where its end is read', () => {
  for (const size of sizes) {
    withFile(size, (fd) => {
      appendFileSync(path, 'x')
      assert.throws(() => descriptorSource(fd, size).read(0, size), { code: 'grown' })
    })
    withFile(size, (fd) => {
      truncateSync(path, size - 1)
      assert.throws(() => descriptorSource(fd, size).read(0, size), { code: 'shrunk' })
    })
  }
})
