/**
 * Addresses as ClamAV compares them: what of a link's two texts is an address, cut behind its host, without what spelling hides. All of it is as
 * clamscan 1.4.6 was seen to do it, in what it told about some two hundred links.
 */

/** Longer texts are no addresses of hosts. */
const ADDRESS_MAX_CHARACTERS = 4096

/** The endings that a displayed host without a scheme must have: those that there were before 2012. */
const genericDomains =
  'com net org info biz edu gov mil int aero asia cat coop jobs mobi museum name pro tel travel arpa'
const countries =
  'ac ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr st su sv sy sz tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt yu za zm zw'
const domains = new Set(`${genericDomains} ${countries}`.split(' '))

/** One address of a link. */
export interface LinkAddress {
  /** Cut behind the host. */
  readonly text: string
  readonly host: string
  /** The host with a blank wherever something was that counts for none: a host may begin behind one. */
  readonly spacedHost: string
}

/** The real address; undefined when it is none that leads to a host. */
export function realAddress(stated: string): LinkAddress | undefined {
  if (stated.length > ADDRESS_MAX_CHARACTERS) return undefined
  const shown = stated.trimStart()
  const isHost = /^[^\s:@/?#\\]+(?=\/|$)/.exec(shown)
  if (!/^(?:https?|ftp):(?!\\)./s.test(shown) && !(isHost !== null && endsInDomain(isHost[0])))
    return undefined
  return addressOf(blanked(shown))
}

/** The displayed address; undefined when the text is none. */
export function displayedAddress(text: string): LinkAddress | undefined {
  if (text.length > ADDRESS_MAX_CHARACTERS) return undefined
  const plain = decoded(blanked(text).replace(/&[lg]t;?/gi, ' '))
  if (plain.trimStart().startsWith('//')) return undefined
  const stripped = plain.slice(firstLetter(plain), endOfLetters(plain))
  const address = addressOf(stripped)
  if (/^(?:https?|ftp):/.test(address.text)) return address
  if (address.text.includes('\x01') || !endsInDomain(address.text)) return undefined
  const [, scheme] = /^([^.:]*):/.exec(address.text) ?? []
  const [first = ''] = address.text.split('.', 1)
  return scheme === undefined && first.includes('@') ? undefined : address
}

/** By binary steps of one character: the texts are hostile, and a regular expression for their end would be slow. */
function firstLetter(text: string): number {
  let at = 0
  while (at < text.length && !isLetter(text.charCodeAt(at))) at += 1
  return at
}

function endOfLetters(text: string): number {
  let at = text.length
  while (at > 0 && !isLetter(text.charCodeAt(at - 1)) && text[at - 1] !== '/') at -= 1
  return at
}

function isLetter(code: number): boolean {
  const lower = code | 0x20
  return (code >= 0x30 && code <= 0x39) || (lower >= 0x61 && lower <= 0x7a) || code > 0x7f
}

function endsInDomain(text: string): boolean {
  const labels = text.split('.')
  return labels.length > 1 && labels.every((label) => label !== '') && domains.has(labels.at(-1) as string)
}

/** Seven bits of each byte, and blanks for what is no part of an address. */
function blanked(text: string): string {
  let plain = ''
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index) & 0x7f
    const isBlank = code <= 0x20 || code === 0x22 || code === 0x3b || code === 0x3c || code === 0x3e
    plain += isBlank ? ' ' : code === 0x5c ? '/' : String.fromCharCode(code)
  }
  return plain
}

/** Of a text whose bytes are plain. */
function addressOf(text: string): LinkAddress {
  const spaced = decoded(cut(text.trim()))
  const compact = spaced.replaceAll(' ', '')
  const start = compact.indexOf('://') === -1 ? 0 : compact.indexOf('://') + 3
  const spacedStart = spaced.indexOf('://') === -1 ? 0 : spaced.indexOf('://') + 3
  return {
    text: compact.slice(0, start) + compact.slice(start).toLowerCase(),
    host: hostIn(compact.slice(start)),
    spacedHost: hostIn(spaced.slice(spacedStart)),
  }
}

/** What stands behind a scheme up to its host's end; without a scheme only a path is cut off. */
function cut(text: string): string {
  const scheme = text.indexOf('://')
  const from = scheme === -1 ? 0 : scheme + 3
  const length = text.slice(from).search(scheme === -1 ? /[/?]/ : /[/?:]/)
  return length === -1 ? text : text.slice(0, from + length)
}

function hostIn(text: string): string {
  const plain = text.replace(/^mailto:/i, '')
  const end = plain.search(/[/?:]/)
  const authority = end === -1 ? plain : plain.slice(0, end)
  return authority.slice(authority.lastIndexOf('@') + 1).toLowerCase()
}

/** Escapes, and escapes that these come to. A zero is 1 then, and one at the end stays as it is. */
function decoded(text: string): string {
  let now = text
  for (let round = 0; round < 4; round += 1) {
    const next = now.replace(
      /%([0-9a-f]{2})(?=.)|%(20|2[1-9a-f]|[3-7][0-9a-f])$/gi,
      (_, inner?: string, last?: string) => {
        const code = Number.parseInt(inner ?? last ?? '0', 16) & 0x7f
        return code === 0 ? '\x01' : String.fromCharCode(code)
      },
    )
    if (next === now) break
    now = next
  }
  return now
}

/** What countries sell names below. */
const shared = new Set('ac co com edu go gob gov mil ne net nom or org'.split(' '))

/** Whether two hosts belong to one owner, as far as their names tell. */
export function areRelated(one: string, other: string): boolean {
  return ownedPart(one) === ownedPart(other)
}

/** The end of a host that somebody registered: two labels, three below what a country sells names below. */
function ownedPart(host: string): string {
  const labels = host.split('.')
  const [second = '', first = ''] = labels.slice(-2)
  return labels.slice(first.length === 2 && shared.has(second) ? -3 : -2).join('.')
}
