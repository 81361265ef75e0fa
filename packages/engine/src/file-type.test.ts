import assert from 'node:assert/strict'
import { test } from 'node:test'
import { IDENTIFY_BYTES, identifyFileType } from './file-type.ts'
import { makePe } from './structure/pe.fixture.ts'
import { makeGzip, makeTar, makeZip, withChecksum } from './unpack/archives.fixture.ts'

const latin1 = (text: string) => Buffer.from(text, 'latin1')

test('a type is told from the content', async () => {
  const data = Buffer.from('x')
  const samples: readonly (readonly [string, number, Uint8Array])[] = [
    ['empty', 0, latin1('')],
    ['text', 7, latin1('root:x:0:0:root\n')],
    ['text', 7, Buffer.from('日本語の文章')],
    ['text', 7, latin1('\xff\xfeh\0i\0')],
    ['script', 7, latin1('#!/bin/sh\necho\n')],
    ['script', 7, latin1('\n<?php echo 1;')],
    ['html', 3, latin1('\n<!DOCTYPE html><title>')],
    ['html', 3, latin1('\0\x01<head><body>')],
    ['data', 0, latin1('\0\x01<!DOCTYPE html><title>')],
    ['mail', 4, latin1('Received: from a by b\r\n')],
    ['mail', 4, latin1('#!/bin/sh\nfrom: a\n')],
    ['mail', 4, latin1('From a@example.net Mon Jan  1 00:00:00 2024\n')],
    ['mail', 0, latin1('X-Some: y\nmime-Version: 1.0\n')],
    ['text', 7, latin1('from: a\n')],
    ['text', 7, latin1(`${'x'.repeat(1024)}\nFrom: a\n`)],
    ['pe', 1, makePe({ sections: [{ rva: 0x1000, virtualSize: 1, rawPointer: 0x200, rawSize: 1 }] })],
    ['dos', 1, latin1('MZ\x90\0')],
    ['elf', 6, latin1('\x7fELF\x02\x01\x01')],
    ['java-class', 12, latin1('\xca\xfe\xba\xbe\0\0\0\x34')],
    ['universal', 9, latin1('\xca\xfe\xba\xbe\0\0\0\x02')],
    ['pdf', 10, latin1('%PDF-1.7')],
    ['ole2', 2, latin1('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1')],
    ['png', 5, latin1('\x89PNG\r\n\x1a\n')],
    ['bzip2', 0, latin1('BZh91AY&SY')],
    ['postscript', 0, latin1('%!PS-Adobe-3.0\n')],
    ['text', 7, latin1('%!PS\n')],
    ['rtf', 0, latin1('{\\rtf1\\ansi')],
    ['binhex', 0, latin1('(This file must be converted with BinHex 4.0)\n')],
    ['encoded-script', 0, latin1('#@~^AAAAAA==')],
    ['uuencoded', 0, latin1('begin 644 a.exe\n')],
    ['text', 7, latin1('begin work\n')],
    ['riff', 0, latin1('RIFF\x10\0\0\0WAVE')],
    ['webp', 0, latin1('RIFF\x10\0\0\0WEBP')],
    ['data', 0, latin1('\0\x01\x02')],
    ['zip', 0, makeZip([{ name: 'a', data }])],
    ['zip', 0, makeZip([])],
    ['gzip', 0, makeGzip(data)],
    ['tar', 0, await makeTar([{ name: 'a', data }])],
  ]
  for (const [name, target, content] of samples) {
    assert.deepEqual(
      identifyFileType(content),
      { name, target },
      `${name}: ${content.subarray(0, 8).toString()}`,
    )
  }
})

test('short magics that prose also begins with do not make a type', () => {
  for (const prose of ['BMW sells cars', 'BZhello', 'rm-lhs', '0707 is a number', '707070']) {
    assert.equal(identifyFileType(latin1(prose)).name, 'text', prose)
  }
})

test('a tar header older than ustar is known by its checksum', async () => {
  const archive = await makeTar([{ name: 'a', data: Buffer.from('x') }])
  withChecksum(archive.subarray(0, 512).fill(0, 257, 265))
  assert.equal(identifyFileType(archive).name, 'tar')
  archive[0] = (archive[0] ?? 0) ^ 1
  assert.equal(identifyFileType(archive).name, 'data')
})

test('a program for Windows is told from one for MS-DOS by its PE header, when that is in sight', () => {
  const stub = (offset: number, length: number) => {
    const bytes = Buffer.alloc(length)
    bytes.write('MZ')
    bytes.writeUInt32LE(offset, 0x3c)
    return bytes
  }
  const named = stub(0x80, 0x200)
  named.write('NE\0\0', 0x80, 'latin1')
  assert.deepEqual(identifyFileType(named), { name: 'dos', target: 1 })
  assert.equal(identifyFileType(stub(0x800, 0x200)).name, 'dos')
  assert.equal(identifyFileType(stub(IDENTIFY_BYTES, IDENTIFY_BYTES)).name, 'pe')
  assert.equal(identifyFileType(stub(0, IDENTIFY_BYTES)).name, 'dos')
})
