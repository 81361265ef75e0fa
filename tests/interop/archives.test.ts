/**
 * The same program in archives and images of every kind that a tool on this machine can make, plain and two deep: nothing that stock clamscan
 * finds is missed, and all of them are opened.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SignatureFile } from '../../bench/signatures.ts'
import { clamscan, coreward, temporaryFolder, withoutClamscan } from './comparison.ts'

/** Commands that write `archive` with all files of the folder `in`, where they run; `$A` is its path. */
const makers: Readonly<Record<string, string>> = {
  '7z': '7zz a -bd -y $A.7z . && mv $A.7z $A',
  '7z solid ppmd': '7zz a -bd -y -m0=PPMd $A.7z . && mv $A.7z $A',
  arj: 'arj a -y -r $A.arj . && mv $A.arj $A',
  'arj stored': 'arj a -y -r -m0 $A.arj . && mv $A.arj $A',
  ar: 'ar rc $A *',
  'cab mszip': 'gcab -c -z $A *',
  'cab stored': 'gcab -c $A *',
  'cpio bin': 'find . -type f | cpio -o -H bin > $A',
  'cpio odc': 'find . -type f | cpio -o -H odc > $A',
  'cpio newc': 'find . -type f | cpio -o -H newc > $A',
  'cpio crc': 'find . -type f | cpio -o -H crc > $A',
  'iso joliet': 'genisoimage -quiet -J -r -o $A .',
  'iso plain': 'genisoimage -quiet -o $A .',
  udf: 'genisoimage -quiet -udf -o $A .',
  squashfs: 'mksquashfs . $A -quiet -noappend -no-progress',
  'squashfs xz': 'mksquashfs . $A -quiet -noappend -no-progress -comp xz',
  wim: 'wimlib-imagex capture . $A --compress=LZX',
  'wim solid': 'wimlib-imagex capture . $A --solid',
  xar: 'bsdtar -c --format xar -f $A *',
  ext4: 'truncate -s 4M $A && mkfs.ext4 -q -d . $A',
  fat: 'truncate -s 4M $A && mkfs.fat $A && mcopy -s -i $A ./* ::',
  ntfs: 'truncate -s 4M $A && mkfs.ntfs -q -F $A && ntfscp $A program.bin program.bin',
}

/** Stock of this version does not open these. */
const unknownToStock = /^(?:ar$|squashfs|wim|ext4|fat|ntfs)/

const skip =
  withoutClamscan ||
  (['7zz', 'arj', 'gcab', 'genisoimage', 'mksquashfs', 'wimlib-imagex', 'bsdtar', 'mcopy', 'ntfscp'].every(
    (tool) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${tool}`]).status === 0,
  )
    ? false
    : 'not all of the tools that make archives are installed')

const program = Buffer.concat([Buffer.from('MZ'), randomBytes(3000)])
const signatures: SignatureFile = {
  name: 'program.hdb',
  text: `${createHash('md5').update(program).digest('hex')}:${program.length}:Test.Program\n`,
}

function make(name: string, inside: string, archive: string): void {
  const env = { ...process.env, A: archive, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }
  const { status, stderr } = spawnSync('sh', ['-c', makers[name] as string], {
    cwd: inside,
    env,
    encoding: 'utf8',
  })
  assert.equal(status, 0, `${name}: ${stderr}`)
}

test('archives and images of every kind are opened, plain and two deep', { skip }, async () => {
  using temporary = temporaryFolder()
  const at = (name: string) => join(temporary.path, name)
  const plain = new Map<string, string>()
  for (const name of Object.keys(makers)) {
    const inside = at('in')
    mkdirSync(inside)
    writeFileSync(join(inside, 'program.bin'), program)
    writeFileSync(join(inside, 'readme.txt'), 'nothing to see here\n')
    const archive = at(`${name.replaceAll(' ', '-')}.plain`)
    make(name, inside, archive)
    rmSync(inside, { recursive: true })
    plain.set(archive, name)
  }
  const nested = new Map<string, string>()
  for (const [archive, name] of plain) {
    if (/ext4|fat|ntfs/.test(name)) continue
    const inside = at('in')
    mkdirSync(inside)
    renameSync(archive, join(inside, 'program.bin'))
    make(name, inside, archive.replace('plain', 'nested'))
    renameSync(join(inside, 'program.bin'), archive)
    rmSync(inside, { recursive: true })
    nested.set(archive.replace('plain', 'nested'), name)
  }
  const all = new Map([...plain, ...nested])
  const database = at(signatures.name)
  writeFileSync(database, signatures.text)
  const stock = clamscan(database, [...all.keys()])
  const ours = await coreward([signatures], [...all.keys()])
  const missed = [...all].filter(([path]) => ours.get(path) !== 'Test.Program')
  assert.deepEqual(missed, [])
  const missedByStock = [...all].filter(([path, name]) => !stock.has(path) && !unknownToStock.test(name))
  assert.deepEqual(
    missedByStock.map(([path]) => path),
    [],
  )
})

test('a cut archive is never clean', { skip }, async () => {
  using temporary = temporaryFolder()
  const cut: string[] = []
  for (const name of ['7z', 'arj', 'cab mszip', 'cpio newc', 'squashfs', 'wim', 'xar']) {
    const inside = join(temporary.path, 'in')
    mkdirSync(inside)
    writeFileSync(join(inside, 'data.bin'), randomBytes(20_000))
    const archive = join(temporary.path, name.replaceAll(' ', '-'))
    make(name, inside, archive)
    rmSync(inside, { recursive: true })
    truncateSync(archive, 12_000)
    cut.push(archive)
  }
  const said = await coreward([signatures], cut)
  assert.deepEqual(
    [...said.values()].filter((word) => !word.startsWith('unscanned')),
    [],
  )
})
