import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesSource } from '../byte-source.ts'
import { identifyFileType } from '../file-type.ts'
import { makeElf } from './elf.fixture.ts'
import { makeMachO } from './mach-o.fixture.ts'
import { makePe } from './pe.fixture.ts'
import { readExecutable } from './read-executable.ts'

test('each type of program is read by its own reader, and other types have no structure', () => {
  const programs = {
    pe: makePe({ sections: [{ rva: 0x1000, virtualSize: 1, rawPointer: 0x200, rawSize: 1 }] }),
    elf: makeElf({}),
    'mach-o': makeMachO({ segments: [] }),
  }
  for (const [format, bytes] of Object.entries(programs)) {
    const type = identifyFileType(bytes).name
    assert.equal(readExecutable(bytesSource(bytes), type)?.format, format)
    assert.equal(readExecutable(bytesSource(bytes), 'data'), undefined)
  }
})

test('a Mach-O file for several processors has no structure of its own', () => {
  const fat = Buffer.alloc(64)
  fat.writeUInt32BE(0xcafebabe)
  fat.writeUInt32BE(2, 4)
  assert.equal(identifyFileType(fat).name, 'universal')
  assert.equal(readExecutable(bytesSource(fat), 'universal'), undefined)
})
