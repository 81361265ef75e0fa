/**
 * The links of a text that is read as HTML: real addresses, each with what is displayed of it (ClamAV manual, "Phishing Signatures", extraction).
 * One pass, without nesting; what a link holds is bounded. Texts are latin1.
 */
import { CharacterReference } from '../normalise/character-reference.ts'

/** Either may be anything, or empty. */
export interface Link {
  readonly real: string
  readonly displayed: string
  /** What the displayed one is: the link's text; its title, or in a form a link; or a picture in either. */
  readonly shownAs: 'text' | 'title' | 'source'
}

/** Of a displayed text; no address is longer. */
const TEXT_MAX_CHARACTERS = 8192
const attribute = /([a-z][a-z-]{0,31})\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s>]*))/gi
/** Stands in a text by itself. */
const plainAddress = /(?:https?|ftp):\/\/[^\s"'<>]{1,4096}/gi
const tagName = /^\/?([a-z]+)(?=[\s/>]|$)/i
/** Of a tag, and of the attributes in it. */
const TAG_MAX_CHARACTERS = 16 * 1024
const ATTRIBUTES_MAX = 64

/** Tags whose source is displayed. */
const shownSources: Readonly<Record<string, readonly string[]>> = {
  img: ['src', 'dynsrc'],
  area: ['href'],
  iframe: ['src'],
}

interface OpenLink {
  readonly real: string
  text: string
  readonly sources: string[]
}

/** The links in their order, and addresses that stand in the text, of which nothing is displayed. `check` is called often, and throws to end the work. */
export function* htmlLinks(html: string, check: () => void): Generator<Link> {
  let open: OpenLink | undefined
  let action: string | undefined
  let at = 0
  for (let tags = 1; at < html.length; tags += 1) {
    if (tags % 1024 === 0) check()
    const less = html.indexOf('<', at)
    const textEnd = less === -1 ? html.length : less
    if (open !== undefined)
      open.text += html.slice(at, Math.min(textEnd, at + TEXT_MAX_CHARACTERS - open.text.length))
    else
      for (const [real] of html.slice(at, textEnd).matchAll(plainAddress))
        yield { real, displayed: '', shownAs: 'text' }
    if (less === -1) break
    if (html.startsWith('<!--', less)) {
      const end = html.indexOf('-->', less)
      at = end === -1 ? html.length : end + 3
      continue
    }
    const end = tagEnd(html, less)
    const tag = html.slice(less + 1, Math.min(end, less + TAG_MAX_CHARACTERS))
    at = end + 1
    const name = tagName.exec(tag)?.[1]?.toLowerCase()
    if (name === 'a') {
      if (open !== undefined) yield* linksOf(open)
      open = undefined
      if (tag.startsWith('/')) continue
      const { href, title } = attributesOf(tag)
      if (href === undefined) continue
      if (title !== undefined) yield { real: href, displayed: title, shownAs: 'title' }
      if (action !== undefined) yield { real: action, displayed: href, shownAs: 'title' }
      open = { real: href, text: '', sources: [] }
    } else if (name === 'form') {
      action = tag.startsWith('/') ? undefined : attributesOf(tag).action
      if (action !== undefined) yield { real: action, displayed: '', shownAs: 'source' }
    } else if (name !== undefined && Object.hasOwn(shownSources, name) && (open ?? action) !== undefined) {
      const attributes = attributesOf(tag)
      for (const key of shownSources[name] ?? []) {
        const source = attributes[key]
        if (source === undefined) continue
        if (action !== undefined) yield { real: action, displayed: source, shownAs: 'source' }
        if (open !== undefined && open.sources.length < ATTRIBUTES_MAX) open.sources.push(source)
      }
    }
  }
  if (open !== undefined) yield* linksOf(open)
}

function* linksOf({ real, text, sources }: OpenLink): Generator<Link> {
  yield { real, displayed: text, shownAs: 'text' }
  for (const displayed of sources) yield { real, displayed, shownAs: 'source' }
}

/** Where a tag's `>` stands that is in no quotes, or its end where there is none. */
function tagEnd(html: string, less: number): number {
  let quote = ''
  const most = Math.min(html.length, less + TAG_MAX_CHARACTERS)
  for (let at = less + 1; at < most; at += 1) {
    const letter = html[at] as string
    if (quote !== '') {
      if (letter === quote) quote = ''
    } else if (letter === '>') return at
    else if ((letter === '"' || letter === "'") && /[=\s]/.test(html[at - 1] as string)) quote = letter
  }
  // A quote without its other.
  const plain = html.slice(less, most).indexOf('>')
  return plain === -1 ? most : less + plain
}

/** The first of each name counts. */
function attributesOf(tag: string): Readonly<Record<string, string | undefined>> {
  const found: Record<string, string | undefined> = Object.create(null)
  let count = 0
  for (const [, name = '', double, single, bare] of tag.matchAll(attribute)) {
    count += 1
    if (count > ATTRIBUTES_MAX) break
    found[name.toLowerCase()] ??= withoutReferences(double ?? single ?? bare ?? '')
  }
  return found
}

/** A value with what its character references stand for. */
function withoutReferences(value: string): string {
  if (!value.includes('&')) return value
  const reference = new CharacterReference()
  let text = ''
  for (let at = 0; at < value.length; ) {
    const letter = value[at] as string
    at += 1
    if (letter !== '&') {
      text += letter
      continue
    }
    reference.begin()
    while (at < value.length && reference.take(value.charCodeAt(at))) at += 1
    const { address, taken } = reference.end(at < value.length ? value.charCodeAt(at) : 0)
    text += address
    if (taken) at += 1
  }
  return text
}
