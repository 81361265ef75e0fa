/** Random signatures that compare bytes near a pattern, and contents with numbers behind that pattern. */
import type { Random } from './random-signatures.fixture.ts'

/** An .ldb line without its name. Its pattern is `abc`. */
export function randomBytesLogical(random: Random): string {
  const kind = random.pick(['h', 'd', 'a', 'i', 'i'])
  const order = kind === 'd' ? random.pick(['', 'b']) : random.pick(['l', 'b'])
  const exact = random.chance(0.3) ? 'e' : ''
  const length = kind === 'i' ? random.pick([1, 2, 4, 8]) : 1 + random.whole(8)
  const sets = Array.from({ length: 1 + random.whole(2) }, () => randomComparison(random))
  const offset = `${random.pick(['>>', '>>', '<<'])}${random.whole(6)}`
  const body = `0(${offset}#${kind}${order}${exact}${length}#${sets.join(',')})`
  return `Engine:81-255,Target:0;${random.pick(['0&1', '1', '0&1=0', '0|1', '(0|1)>1,2'])};${Buffer.from('abc').toString('hex')};${body}`
}

function randomComparison(random: Random): string {
  const value = random.pick([0, 1, 12, 18, 31, 0x12, 0x1f, 0x21, 0x3412, 100, 1000, 65535, 2 ** 31, 2 ** 40])
  const minus = random.chance(0.1) ? '-' : ''
  const digits = random.chance(0.5) ? `${value}` : `0x${value.toString(16)}`
  return `${random.pick(['<', '>', '='])}${minus}${digits}`
}

/** Some bytes, `abc` once or twice, and a number by which a comparison may hold. */
export function randomBytesContent(random: Random): Buffer {
  const numbers = [
    '12',
    '0x12',
    '1f',
    '0x1f',
    '-12',
    '+12',
    ' 12',
    '0012',
    '1234',
    '12345',
    '0x1234',
    'zz',
    '0xzz',
    '1.2',
  ]
  const raw = [
    '\x0c\0\0\0\0\0\0\0',
    '\0\0\0\x1f',
    '\xff\xff\xff\xff\xff\xff\xff\xff',
    '\x12\x34',
    '\x01\0\0\0\x01\0\0\0',
  ]
  const piece = () => random.pick([...numbers, ...raw, '..', 'abc', '  ', '7'])
  const text = Array.from({ length: 2 + random.whole(3) }, piece).join('')
  return Buffer.from(
    `${'.'.repeat(1 + random.whole(5))}abc${text}abc${random.chance(0.6) ? piece() : ''}......`.slice(
      0,
      random.chance(0.8) ? undefined : -5,
    ),
    'latin1',
  )
}
