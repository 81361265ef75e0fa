import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createBudget } from '../budget.ts'
import { bytesSource } from '../byte-source.ts'
import { resolveLimits } from '../limits.ts'
import { inWords, scanHere } from '../scanner.fixture.ts'
import { readPe } from '../structure/pe.ts'
import { eicar, makeZip } from '../unpack/archives.fixture.ts'
import type { UnpackedPart } from '../unpack/container.ts'
import {
  makeOrdinaryProgram,
  makeStubProgram,
  PROGRAM_ADDRESS,
  pack,
  packInLayers,
  word,
} from './packed-program.fixture.ts'
import { isPackedProgram, unpackProgram } from './unpack-program.ts'

const RETURN = 0xc3
const text = Buffer.from('what the packed program says, and nothing else does. '.repeat(20))
const program = Buffer.concat([Buffer.of(RETURN), text])

/** All parts, their content copied. */
async function unpack(bytes: Uint8Array, limits = resolveLimits()) {
  const parts: (UnpackedPart & { bytes?: Buffer })[] = []
  for await (const part of unpackProgram(
    bytesSource(bytes),
    createBudget(limits, () => false),
  ))
    parts.push(
      part.kind === 'content'
        ? { ...part, bytes: Buffer.from(part.content.read(0, part.content.size)) }
        : part,
    )
  return parts
}

function inPartWords(parts: Awaited<ReturnType<typeof unpack>>): readonly string[] {
  return parts.map((part) =>
    part.kind === 'unscanned' ? `${part.label} ${part.shortfall.reason}` : `${part.label}`,
  )
}

test('what a stub unpacks is a program again, which begins where the stub jumped', async () => {
  for (const packed of [pack(program), packInLayers(program)]) {
    assert.equal(packed.includes(text), false)
    const parts = await unpack(packed)
    assert.deepEqual(inPartWords(parts), ['unpacked'])
    const bytes = parts[0]?.bytes ?? Buffer.alloc(0)
    assert.equal(bytes.indexOf(text), 0x1001)
    const structure = readPe(bytesSource(bytes))
    assert.equal(structure?.entryPoint, PROGRAM_ADDRESS - 0x400000)
    assert.equal(structure?.damage, undefined)
    assert.equal(isPackedProgram(bytesSource(bytes)), false, 'it would be unpacked for ever')
  }
})

test('a virus in a packed program is found, with its place', async () => {
  const infected = Buffer.concat([Buffer.of(RETURN), Buffer.alloc(400, 'harmless '), eicar()])
  assert.equal(inWords(await scanHere({ bytes: pack(infected) })), 'infected Eicar-Test-Signature@unpacked')
})

test('a program that the packed one carries is cut out of its memory, to its own size', async () => {
  const carried = makeOrdinaryProgram([RETURN])
  const parts = await unpack(pack(Buffer.concat([Buffer.of(RETURN), text, carried, text])))
  assert.deepEqual(inPartWords(parts), ['unpacked', `unpacked-${(0x1001 + text.length).toString(16)}`])
  assert.ok(parts[1]?.bytes?.equals(carried))
})

test('files of a zip archive are found in memory though unpacking broke off before its directory', async () => {
  const archive = makeZip([{ name: 'inner.com', data: eicar() }])
  const cut = archive.subarray(0, archive.indexOf('PK\x01\x02'))
  const packed = pack(Buffer.concat([Buffer.of(0xf4), text, cut, text]))
  const words = inWords(await scanHere({ bytes: packed }))
  assert.match(words, /Eicar-Test-Signature@inner\.com/)
})

test('an ordinary program is not emulated', async () => {
  const bytes = makeOrdinaryProgram([0xeb, 0xfe])
  assert.equal(isPackedProgram(bytesSource(bytes)), false)
  assert.deepEqual(await unpack(bytes), [])
})

test('a packed program that does not come to its end is told, and what it wrote until then is scanned', async () => {
  const endless = [0xeb, 0xfe]
  assert.deepEqual(inPartWords(await unpack(makeStubProgram(endless))), ['unpacked budget-exceeded'])
  // pxor mm0,mm0 is not emulated; hlt has no handler.
  assert.deepEqual(inPartWords(await unpack(makeStubProgram([0x0f, 0xef, 0xc0]))), ['unpacked unsupported'])
  assert.deepEqual(inPartWords(await unpack(makeStubProgram([0xf4]))), ['unpacked damaged'])
  // A page of 0x41 at 0x401000, and then a fault.
  const filling = [0xbf, ...word(0x401000), 0xb9, ...word(0x1000), 0xb0, 0x41, 0xf3, 0xaa, 0xf4]
  const parts = await unpack(makeStubProgram(filling))
  assert.deepEqual(inPartWords(parts), ['unpacked', 'unpacked damaged'])
  assert.ok(parts[0]?.bytes?.includes(Buffer.alloc(0x1000, 'A')))
})

test('an exception goes to its handler, which may say where the program goes on', async () => {
  // push handler; push fs:[0]; mov fs:[0],esp; then a write to nowhere. The handler sets Eip of the context and continues.
  const handler = 0x403040
  const after = 0x403080
  const stub = [
    ...[0x68, ...word(handler), 0x64, 0xff, 0x35, 0, 0, 0, 0, 0x64, 0x89, 0x25, 0, 0, 0, 0],
    ...[0x31, 0xc0, 0xa3, 0, 0, 0, 0],
  ]
  const code = Buffer.alloc(0x100, 0xf4)
  code.set(stub)
  // mov eax,[esp+12]; mov dword [eax+0xb8],after; xor eax,eax; ret
  code.set([0x8b, 0x44, 0x24, 12, 0xc7, 0x80, 0xb8, 0, 0, 0, ...word(after), 0x31, 0xc0, 0xc3], 0x40)
  // mov edi,0x401000; mov ecx,0x400; mov al,0xc3; rep stosb; jmp 0x401000
  code.set([0xbf, ...word(PROGRAM_ADDRESS), 0xb9, ...word(0x400), 0xb0, 0xc3, 0xf3, 0xaa], 0x80)
  code.set([0x68, ...word(PROGRAM_ADDRESS), 0xc3], 0x8e)
  assert.deepEqual(inPartWords(await unpack(makeStubProgram([...code]))), ['unpacked'])
})

test('hostile stubs end within their limits', async () => {
  const cases: Record<string, readonly number[]> = {
    'a stack in nowhere': [0xbc, ...word(0x666), 0x50, 0xf4],
    'a handler in nowhere': [0x31, 0xc0, 0x64, 0xc7, 0, ...word(0xdeadbeef), 0xf4],
    'a handler that is a handler of its own': [0x64, 0x89, 0x25, 0, 0, 0, 0, 0x54, 0x54, 0xf4],
    'a jump into the header': [0x68, ...word(0x400000), 0xc3],
    'a jump beyond all memory': [0x68, ...word(0xffffffff), 0xc3],
    'a system call of another number': [0xb8, ...word(0xc0deffff), 0xcd, 0x2e],
    'memory by the page until there is none': [
      0xbf,
      ...word(0x20000000),
      0x89,
      0x3f,
      0x81,
      0xc7,
      ...word(0x1000),
      0xeb,
      0xf6,
    ],
    'single steps for ever': [0x68, ...word(0x302), 0x9d, 0xeb, 0xfe],
  }
  for (const [name, stub] of Object.entries(cases)) {
    const parts = await unpack(makeStubProgram(stub))
    assert.ok(parts.length > 0 && parts.every(({ kind }) => kind !== 'empty'), name)
    assert.equal(parts.at(-1)?.kind, 'unscanned', name)
  }
})

test('limits hold for what is unpacked', async () => {
  const cut = await unpack(pack(program), resolveLimits({ maxContentBytes: 2048 }))
  assert.equal(cut[0]?.bytes?.length, 2048)
  assert.equal(cut[0]?.kind === 'content' && cut[0].shortfall?.reason, 'too-large')
  const none = await unpack(pack(program), resolveLimits({ maxTotalContentBytes: 1024 }))
  assert.equal(none[0]?.kind === 'content' && none[0].shortfall?.reason, 'budget-exceeded')
})

test('a damaged program is opened without harm', async () => {
  const good = pack(program)
  for (let length = 0; length < good.length; length += 13) await unpack(good.subarray(0, length))
  // Some of these run to the end of their steps; a few are enough to see that none does more.
  for (let at = 0x80; at < 0x1a0; at += 4) {
    const bad = Buffer.from(good)
    bad.writeUInt32LE(0xfffffff0, at)
    await unpack(bad)
  }
})

const folder = '/usr/share/clamav-testfiles'
const skip = existsSync(folder) ? false : 'clamav-testfiles is not installed'

test("seven packers' programs are run until they call what the program calls", { skip }, async () => {
  for (const name of ['aspack', 'mew', 'pespin', 'petite', 'upack', 'upx', 'yc']) {
    const parts = await unpack(readFileSync(`${folder}/clam-${name}.exe`))
    assert.deepEqual(
      parts.filter(({ kind }) => kind !== 'content'),
      [],
      name,
    )
    assert.ok(parts[0]?.bytes?.includes('This is a ClamAV test file with the embedded clam.exe'), name)
  }
})
