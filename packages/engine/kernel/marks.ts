/**
 * Where an archive or a program may begin inside other bytes, told by the first bytes of its kind: sixteen places at a time. Names a few places where
 * none is; who asks looks closer.
 *
 * SAFETY: reads as far as 16 bytes behind the last place that is searched, which the caller's memory must hold, and stores no more than
 * `capacity` words.
 */

/** The first four bytes of what is looked for: 7z, Rar!, MSCF, and the four bytes before NullsoftInst. */
const SEVEN_ZIP: u32 = 0xafbc7a37
const RAR: u32 = 0x21726152
const CABINET: u32 = 0x4643534d
const NULLSOFT: u32 = 0xdeadbeef

/** ARJ has two bytes, then the length of a header, which is its first one: that has the type 2. */
const ARJ: u16 = 0xea60
const ARJ_HEADER_MAX: u16 = 2600
const ARJ_TYPE: usize = 10
const ARJ_MAIN: u8 = 2

/** MZ. Its header names a place of `PE` in a program's first kilobytes. */
const PROGRAM: u16 = 0x5a4d
const PROGRAM_FIELD: usize = 0x3c

/**
 * Stores the places from `from` up to `to` at which something may begin, `capacity` of them at most; tells their number. In a program other programs
 * and NSIS archives are looked for as well.
 */
export function findMarks(from: usize, to: usize, isProgram: bool, out: usize, capacity: u32): u32 {
  let count: u32 = 0
  for (let at = from; at < to; at += 16) {
    const first = v128.load(at)
    const second = v128.load(at, 1)
    let pairs = pair(first, 0x37, second, 0x7a)
    pairs = v128.or(pairs, pair(first, 0x52, second, 0x61))
    pairs = v128.or(pairs, pair(first, 0x4d, second, 0x53))
    pairs = v128.or(pairs, pair(first, 0x60, second, 0xea))
    if (isProgram) {
      pairs = v128.or(pairs, pair(first, 0x4d, second, 0x5a))
      pairs = v128.or(pairs, pair(first, 0xef, second, 0xbe))
    }
    if (!v128.any_true(pairs)) continue
    let bits = i8x16.bitmask(pairs) as u32
    while (bits !== 0) {
      const place = at + (ctz<u32>(bits) as usize)
      bits &= bits - 1
      if (place >= to || !isMark(place)) continue
      if (count === capacity) return count
      store<u32>(out + ((count as usize) << 2), place as u32)
      count += 1
    }
  }
  return count
}

function pair(first: v128, one: u8, second: v128, other: u8): v128 {
  return v128.and(i8x16.eq(first, i8x16.splat(one as i8)), i8x16.eq(second, i8x16.splat(other as i8)))
}

function isMark(place: usize): bool {
  const word = load<u32>(place)
  if (word === SEVEN_ZIP || word === RAR || word === NULLSOFT) return true
  if (word === CABINET) return load<u32>(place, 4) === 0
  if ((word as u16) === ARJ) {
    return load<u8>(place, ARJ_TYPE) === ARJ_MAIN && ((word >>> 16) as u16) <= ARJ_HEADER_MAX
  }
  return (word as u16) === PROGRAM && load<u32>(place, PROGRAM_FIELD) < 4096
}
