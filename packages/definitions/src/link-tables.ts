/**
 * What is known of links in mails, on its way into the sections `linkRules` (lines of text) and `addresses` (records), and out of them. The
 * lines are few, and who reads them parses them as the compiler did; the records are sorted and looked up where they lie.
 */
import { address } from './layout.ts'
import {
  type AddressHash,
  type AddressList,
  addressLists,
  type LinkRule,
  type LinkSignature,
  readLinkRule,
} from './parse/links.ts'
import { Refusal } from './parse/pattern.ts'
import { malformed, type SectionViews } from './section-views.ts'

export interface LinkTables {
  readonly rules: readonly LinkRule[]
  /** How many addresses are listed. */
  readonly addressCount: number
  /** What an address is listed as, by the SHA-256 of its host and path. */
  listsOf(sha256: Uint8Array): readonly AddressList[]
}

export interface LinkEncoder {
  /** Throws Refusal when there is no room for one more. */
  add(parsed: LinkSignature | AddressHash): void
  sections(): Record<'linkRules' | 'addresses', Uint8Array>
}

/** Many times as many as ClamAV has; each expression is tried on every link that is asked about. */
const RULES_MAX = 20_000
/** As many as the largest public lists of addresses. */
const ADDRESSES_MAX = 5_000_000

const { bytes: ADDRESS_BYTES, hashBytes: HASH_BYTES } = address

export function createLinkEncoder(): LinkEncoder {
  const lines = new Set<string>()
  const addresses = new Set<string>()
  const room = (size: number, most: number) => {
    if (size >= most) throw new Refusal(`there are ${most} of this format already`)
  }
  return {
    add(parsed) {
      if (parsed.kind === 'link') {
        room(lines.size, RULES_MAX)
        lines.add(parsed.text)
      } else if (parsed.hex !== '') {
        room(addresses.size, ADDRESSES_MAX)
        const list = Buffer.alloc(ADDRESS_BYTES - HASH_BYTES)
        list.writeUInt32LE(addressLists.indexOf(parsed.list))
        addresses.add(`${parsed.hex}${list.toString('hex')}`)
      }
    },
    sections: () => ({
      linkRules: new Uint8Array(Buffer.from([...lines].map((line) => `${line}\n`).join(''))),
      addresses: new Uint8Array(Buffer.from([...addresses].sort().join(''), 'hex')),
    }),
  }
}

/** Reads and checks both sections. Throws DefinitionsError `malformed`. */
export function readLinkTables(views: SectionViews): LinkTables {
  const records = Buffer.from(
    views.bytes('addresses').buffer,
    views.bytes('addresses').byteOffset,
    views.bytes('addresses').length,
  )
  const count = views.counts.addresses
  for (let index = 0; index < count; index += 1) {
    const at = index * ADDRESS_BYTES
    if (records.readUInt32LE(at + HASH_BYTES) >= addressLists.length)
      throw malformed('an address is on no list')
    if (index > 0 && records.compare(records, at - ADDRESS_BYTES, at, at, at + ADDRESS_BYTES) <= 0)
      throw malformed('the addresses are not sorted')
  }
  return {
    rules: readRules(views),
    addressCount: count,
    listsOf(sha256) {
      const found: AddressList[] = []
      for (let index = firstNotBelow(records, count, sha256); index < count; index += 1) {
        const at = index * ADDRESS_BYTES
        if (records.compare(sha256, 0, HASH_BYTES, at, at + HASH_BYTES) !== 0) break
        found.push(addressLists[records.readUInt32LE(at + HASH_BYTES)] as AddressList)
      }
      return found
    },
  }
}

function firstNotBelow(records: Buffer, count: number, sha256: Uint8Array): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    const at = middle * ADDRESS_BYTES
    if (records.compare(sha256, 0, HASH_BYTES, at, at + HASH_BYTES) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function readRules(views: SectionViews): readonly LinkRule[] {
  const text = Buffer.from(views.bytes('linkRules')).toString('utf8')
  if (text === '') return []
  if (!text.endsWith('\n')) throw malformed('the last rule for links is not ended')
  const lines = text.slice(0, -1).split('\n')
  if (lines.length > RULES_MAX) throw malformed('there are too many rules for links')
  return lines.map((line) => {
    try {
      if (line[1] !== ':') throw new Refusal('no kind')
      return readLinkRule(line)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      throw malformed('a rule for links is none')
    }
  })
}
