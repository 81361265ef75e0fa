/**
 * The links of a mail's part against what the set knows of links: those that pretend to lead to a watched host, and those whose address is
 * listed. The names are those of ClamAV. Sets without such lines have no judge, and nothing is read for it.
 */
import type { AddressList, LinkRule, LinkTables } from '@coreward/definitions'
import type { Alert, Alerts } from '../alerts/alerts.ts'
import type { ByteSource } from '../byte-source.ts'
import { areRelated, displayedAddress, type LinkAddress, realAddress } from './address.ts'
import { htmlLinks, type Link } from './html-links.ts'
import { addressHashes } from './listed-address.ts'

/** ClamAV's MaxHTMLNormalize. */
const PART_MAX_BYTES = 40 * 1024 * 1024
/** Of one part; what is sent to people has some dozens. */
const LINKS_MAX = 20_000

export interface LinkJudge {
  /** What is to be told about a part's links, each once. `check` throws to end the work. */
  judge(source: ByteSource, alerts: Alerts, check: () => void): LinkFindings
}

export interface LinkFindings {
  readonly found: readonly Alert[]
  /** Set when the part has more than is looked at. */
  readonly isCut: boolean
}

const spoofed: Alert = {
  signature: 'Heuristics.Phishing.Email.SpoofedDomain',
  description: 'A link in a mail that shows the address of one host and leads to another.',
}
const spoofedSsl: Alert = {
  signature: 'Heuristics.Phishing.Email.SSL-Spoof',
  description: 'A link in a mail that shows a secure address and leads to one that is not.',
}
const cloaked: Alert = {
  signature: 'Heuristics.Phishing.Email.Cloaked.Null',
  description: 'A link in a mail whose address hides its host behind a zero.',
}
const listed: Readonly<Record<Exclude<AddressList, 'permitted'>, Alert>> = {
  blocked: {
    signature: 'Heuristics.Phishing.URL.Blocked',
    description: 'A link in a mail to an address that is listed as one of phishing.',
  },
  malware: {
    signature: 'Heuristics.Safebrowsing.Suspected-malware_safebrowsing.clamav.net',
    description: 'A link in a mail to an address that is listed as one of malware.',
  },
  phishing: {
    signature: 'Heuristics.Safebrowsing.Suspected-phishing_safebrowsing.clamav.net',
    description: 'A link in a mail to an address that is listed as one of phishing.',
  },
}

/** A judge for a set; undefined when the set says nothing of links. */
export function createLinkJudge(tables: LinkTables): LinkJudge | undefined {
  const { rules, addressCount } = tables
  if (rules.length === 0 && addressCount === 0) return undefined
  const pairs = createPairJudge(rules)
  const addressAlert = (address: string): Alert | undefined => {
    if (addressCount === 0) return undefined
    const lists = [...addressHashes(address)].flatMap((hash) => tables.listsOf(hash))
    const [list] = lists
    return list === undefined || list === 'permitted' || lists.includes('permitted')
      ? undefined
      : listed[list]
  }
  return {
    judge(source, alerts, check) {
      const found = new Set<Alert>()
      if (source.size > PART_MAX_BYTES) return { found: [], isCut: true }
      const text = Buffer.from(source.read(0, source.size)).toString('latin1')
      let links = 0
      const isFull = () => {
        links += 1
        if (links % 64 === 0) check()
        return links > LINKS_MAX
      }
      for (const link of htmlLinks(text, check)) {
        if (isFull()) return { found: [...found], isCut: true }
        const alert = addressAlert(link.real) ?? pairs(link, alerts)
        if (alert !== undefined) found.add(alert)
      }
      return { found: [...found], isCut: false }
    },
  }
}

/** What a real address and a displayed one come to. */
function createPairJudge(rules: readonly LinkRule[]): (link: Link, alerts: Alerts) => Alert | undefined {
  const watchedHosts = new Set(rules.flatMap((one) => (one.rule === 'watched-host' ? [one.host] : [])))
  const watched = rules.flatMap((one) => (one.rule === 'watched' ? [one.regex] : []))
  const permitted = rules.flatMap((one) => (one.rule === 'permitted' ? [one.regex] : []))
  const permittedHosts = new Map<string, string[]>()
  for (const one of rules) {
    if (one.rule !== 'permitted-hosts') continue
    permittedHosts.set(one.displayed, [...(permittedHosts.get(one.displayed) ?? []), one.real])
  }
  return ({ real: stated, displayed: text, shownAs }, alerts) => {
    if (stated === '' || text === '') return undefined
    const asksAll = alerts.has('spoofed-ssl') || alerts.has('cloaked-links')
    if (watchedHosts.size === 0 && watched.length === 0 && !asksAll) return undefined
    const real = realAddress(stated)
    const displayed = real === undefined ? undefined : displayedAddress(text)
    if (
      real === undefined ||
      displayed === undefined ||
      real.host.includes('..') ||
      real.host.startsWith('.')
    )
      return undefined
    const pair = `${real.text}:${displayed.text}/`
    const isHostWatched =
      isBelow(displayed, watchedHosts) || watched.some((regex) => regex.test(`${displayed.host}/`))
    // A picture's address is not looked up together with the real one.
    const isWatched = isHostWatched || (shownAs !== 'source' && watched.some((regex) => regex.test(pair)))
    if (!isWatched && !asksAll) return undefined
    const hosts = `${real.host}:${displayed.host}/`
    if (permitted.some((regex) => regex.test(pair) || regex.test(hosts))) return undefined
    const permittedReal = permittedHosts.get(displayed.host) ?? []
    if (permittedReal.some((host) => real.host === host || real.host.endsWith(`.${host}`))) return undefined
    if (
      (isHostWatched || (shownAs !== 'source' && alerts.has('cloaked-links'))) &&
      real.text.includes('\x01')
    )
      return cloaked
    const isSslSpoofed = displayed.text.startsWith('https') && !real.text.startsWith('https')
    if (shownAs === 'text' && isSslSpoofed && (isHostWatched || alerts.has('spoofed-ssl'))) return spoofedSsl
    return isWatched && !areRelated(real.host, displayed.host) ? spoofed : undefined
  }
}

/** Whether a displayed host is a watched one or below one; or ends in one, before which something stood that counts for nothing. */
function isBelow({ spacedHost }: LinkAddress, watched: ReadonlySet<string>): boolean {
  if (watched.size === 0) return false
  for (let at = 0; at < spacedHost.length; at += 1) {
    const begins = at === 0 || spacedHost[at - 1] === '.' || spacedHost[at - 1] === ' '
    if (begins && watched.has(spacedHost.slice(at).replaceAll(' ', ''))) return true
  }
  return false
}
