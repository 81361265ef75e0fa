/** Encodes scripts as Microsoft's Script Encoder does, by trying what the decoder makes of each byte. Never imported by production code. */
import { ScriptDecoder } from './script-encoding.ts'

const escapes: Readonly<Record<string, string>> = { '\r': '@#', '\n': '@&', '<': '@!', '>': '@*', '@': '@$' }

/** ASCII alone; the checksum is not one. */
export function encodeScript(text: string): string {
  let encoded = ''
  let turn = 0
  for (const letter of text) {
    encoded += escapes[letter] ?? encodedLetter(letter, turn)
    turn += 1
  }
  return headed(encoded.length, encoded)
}

function headed(length: number, encoded: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(length)
  return `#@~^${bytes.toString('base64')}${encoded}AAAAAA==^#~@`
}

function encodedLetter(letter: string, turn: number): string {
  const found = known(turn % 64).get(letter)
  if (found === undefined) throw new Error(`"${letter}" cannot be encoded`)
  return found
}

const tables = new Map<number, ReadonlyMap<string, string>>()

function known(turn: number): ReadonlyMap<string, string> {
  const table =
    tables.get(turn) ??
    new Map(
      Array.from({ length: 0x80 }, (_, byte) => byte)
        .filter((byte) => byte === 9 || (byte >= 32 && byte !== 0x40))
        .map((byte) => [decodedAt(byte, turn), String.fromCharCode(byte)]),
    )
  tables.set(turn, table)
  return table
}

function decodedAt(byte: number, turn: number): string {
  const decoder = new ScriptDecoder()
  const text = headed(1000, '!'.repeat(turn) + String.fromCharCode(byte)).slice(0, 12 + turn + 1)
  const plain = [...Buffer.from(text, 'latin1')].flatMap((each) => decoder.take(each))
  return String.fromCharCode(plain.at(-1) as number)
}
