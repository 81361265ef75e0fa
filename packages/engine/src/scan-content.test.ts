import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileDefinitions } from '@coreward/definitions'
import { inWords, scanHere } from './scanner.fixture.ts'
import { makePe } from './structure/pe.fixture.ts'
import { makeGzip, makeTar, makeZip } from './unpack/archives.fixture.ts'

const marker = Buffer.from('a-marker')
const hex = marker.toString('hex')
const plain = Buffer.concat([Buffer.from([1, 0, 2, 0]), marker])

/** What is found by logical signatures, given as name, conditions and pattern. */
async function found(lines: readonly string[], bytes: Uint8Array, maxDepth = 10): Promise<string> {
  const { bytes: set, summary } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [
      { name: 'a.ldb', text: lines.map((line) => line.replace('Target', 'Engine:81-255,Target')).join('\n') },
    ],
  })
  assert.deepEqual(summary.refused, [])
  return inWords(await scanHere({ bytes }, { maxDepth }, undefined, set))
}

test('a content is found in the containers that a signature asks for', async () => {
  const lines = [
    `InZip;Target:0,Container:CL_TYPE_ZIP;0;${hex}`,
    `InNothing;Target:0,Container:CL_TYPE_ANY;0;${hex}`,
    `InTarInGzip;Target:0,Intermediates:CL_TYPE_GZ>CL_TYPE_POSIX_TAR;0;${hex}`,
    `InTwo;Target:0,Intermediates:CL_TYPE_ANY>CL_TYPE_ANY;0;${hex}`,
  ]
  const zip = makeZip([{ name: 'x', data: plain }])
  assert.equal(await found(lines, plain), 'infected InNothing')
  assert.equal(await found(lines, zip), 'infected InZip@x')
  const tar = await makeTar([{ name: 'x', data: plain }])
  assert.match(await found(lines, makeGzip(tar)), /InTarInGzip@[^,]+\/x, infected InTwo@/)
  // An archive behind other bytes is a container of its own.
  const behind = Buffer.concat([Buffer.from([1, 0, 2, 0]), zip])
  assert.equal(await found(lines, behind), 'infected InZip@x, infected InTwo@x')
})

test('a program is found by its entry point and its number of sections', async () => {
  const program = makePe({
    entry: 0x1010,
    sections: [
      { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: plain },
      { rva: 0x2000, virtualSize: 0x1000, rawPointer: 0x600, rawSize: 0x200, data: Buffer.alloc(0x200) },
    ],
  })
  const lines = ['1040-1040', '1041-2000', '0-1039'].map(
    (range, index) => `Entry${index};Target:1,EntryPoint:${range};0;${hex}`,
  )
  lines.push(`Two;Target:1,NumberOfSections:2-2;0;${hex}`, `Three;Target:1,NumberOfSections:3-9;0;${hex}`)
  assert.equal(await found(lines, program), 'infected Entry0, infected Two')
  assert.equal(await found(lines, Buffer.concat([Buffer.from('MZ'), plain])), 'clean')
})

test('a content is scanned as the type that a signature wants, which is found there', async () => {
  const zip = makeZip([
    { name: 'x', data: Buffer.concat([Buffer.from([1, 0, 2, 0]), Buffer.from('an-inner')]) },
  ])
  // What begins with another magic number is no archive for anybody who goes by it.
  const hidden = await makeTar([{ name: 'a-marker', data: makeGzip(zip) }])
  hidden.write('%PDF-a-marker', 'latin1')
  hidden.fill(' ', 148, 156)
  const sum = hidden.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  hidden.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const inner = `Inner;Target:0,Container:CL_TYPE_ZIP;0;${Buffer.from('an-inner').toString('hex')}`
  assert.equal(await found([inner], hidden), 'clean')
  const handler = `Handler;Target:0,HandlerType:CL_TYPE_POSIX_TAR;0;${hex}`
  assert.match(await found([handler, inner], hidden), /^infected Handler, infected Inner@/)
  const other = `Other;Target:6;0;${hex}`
  const wanted = handler.replace('POSIX_TAR', 'ELF')
  assert.equal(await found([wanted, other], plain), 'infected Handler, infected Other')
  // A signature for the first type is not found in the second.
  assert.equal(await found([wanted.replace('Target:0', 'Target:10'), other], hidden), 'infected Other')
  assert.match(await found([wanted], plain, 0), /unscanned too-deep$/)
})
