/**
 * The bytes that signatures look for, as hexadecimal text: code with its addresses left open, text made of what scripts and
 * macros are made of, and bytes without any order. Each holds enough that was made up to match nothing by chance.
 */
import { executableTargets } from './proportions.ts'
import { between, chance, pick, type Random } from './random-choices.ts'

/** Instructions of x86 that compilers write often, and how many bytes of address or number follow. */
const instructions: readonly (readonly [opcode: string, free: number])[] = [
  ['558bec', 0],
  ['83ec', 1],
  ['81ec', 4],
  ['6a', 1],
  ['68', 4],
  ['e8', 4],
  ['8b45', 1],
  ['8945', 1],
  ['c745', 5],
  ['ff15', 4],
  ['33c0', 0],
  ['85c074', 1],
  ['0f84', 4],
  ['8d4c24', 1],
  ['50', 0],
  ['5f5e5b', 0],
  ['c3cccc', 0],
  ['488b05', 4],
  ['4889e5', 0],
  ['4883ec', 1],
  ['eb', 1],
  ['3d', 4],
  ['a1', 4],
  ['c9c3', 0],
]

/** What real signatures for text share with harmless files. */
export const commonWords: readonly string[] = [
  'CreateObject',
  'WScript.Shell',
  'ActiveXObject',
  'powershell',
  'Auto_Open',
  'Document_Open',
  'Workbook_Open',
  'Shell.Application',
  'document.write',
  'unescape(',
  'eval(',
  'String.fromCharCode',
  'innerHTML',
  'function',
  'setTimeout',
  'window.location',
  'base64_decode',
  '<?php',
  'gzinflate',
  'str_rot13',
  '$_POST[',
  'shell_exec',
  'passthru',
  'move_uploaded_file',
  'preg_replace',
  'URLDownloadToFile',
  'VirtualAlloc',
  'WriteProcessMemory',
  'LoadLibrary',
  'GetProcAddress',
  'cmd.exe',
  'HTTP/1.1',
  'User-Agent:',
  'Attribute VB_Name',
  'MSXML2.XMLHTTP',
  'ADODB.Stream',
  'SaveToFile',
  'ResponseBody',
  'Environ(',
  'Chr(',
  'StrReverse',
  '/bin/sh',
  'wget http',
  'chmod 777',
  'import os',
  'socket.socket',
  'subprocess',
  'exec(',
  'require(',
  'module.exports',
  'SELECT ',
  '<script',
  '<iframe',
  'http://',
  'https://',
  '.exe',
  '.dll',
  'password',
  'System32',
  'CurrentVersion\\Run',
]

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Which kind of bytes signatures for a target look for, in percent: code, text; what is left has no order. */
function mixOf(target: number): readonly [code: number, text: number] {
  if (executableTargets.includes(target)) return [70, 15]
  return target === 0 ? [35, 35] : [0, 90]
}

/** Fixed bytes without gaps: 10 to 120 of them, short ones more often. */
export function body(random: Random, target: number): string {
  const length = Math.floor(10 * 12 ** (random() / 2 ** 32))
  const [code, text] = mixOf(target)
  if (chance(random, code)) return codeBody(random, length)
  return chance(random, (text * 100) / (100 - code)) ? textBody(random, target, length) : hex(random, length)
}

/** A word that harmless files hold too; a signature needs something else beside it. */
export function commonBody(random: Random, target: number): string {
  return hexOf(spelled(target, pick(random, commonWords)))
}

/** Letters that make no word, as obfuscated programs name things. */
export function madeUpWord(random: Random): string {
  return Array.from({ length: between(random, 6, 14) }, () => pick(random, [...letters])).join('')
}

export function hex(random: Random, bytes: number): string {
  let text = ''
  for (let at = 0; at < bytes; at++) text += (random() & 255).toString(16).padStart(2, '0')
  return text
}

/** Instructions; addresses in them are wildcards as often as not. Begins and ends with fixed bytes. */
function codeBody(random: Random, length: number): string {
  let text = hex(random, 4)
  for (let bytes = 4; bytes < length - 4; ) {
    const [opcode, free] = pick(random, instructions)
    const isOpen = free === 4 && chance(random, 40)
    text += opcode + (isOpen ? '????????' : hex(random, free))
    bytes += opcode.length / 2 + free
  }
  return text + hex(random, 4)
}

function textBody(random: Random, target: number, length: number): string {
  let text = madeUpWord(random)
  while (text.length < length)
    text +=
      pick(random, [' ', '.', '("', '=', '_', ' = ']) +
      (chance(random, 40) ? pick(random, commonWords) : madeUpWord(random))
  return hexOf(spelled(target, text))
}

/** Targets 3 and 7 mean text in lower case. */
function spelled(target: number, text: string): string {
  return target === 3 || target === 7 ? text.toLowerCase() : text
}

function hexOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex')
}
