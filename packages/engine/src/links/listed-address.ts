/**
 * The hashes under which an address may be listed: of its host, and of up to four shorter ones, each with its path, and with up to four shorter
 * paths (the lookup rules of Google's Safe Browsing, which ClamAV's .gdb follows).
 */
import { createHash } from 'node:crypto'

const PATHS = 4

/** SHA-256 of each host and path; none when the address has no scheme that leads to a host. */
export function* addressHashes(address: string): Generator<Buffer> {
  const [, authority = '', rest = ''] = /^(?:https?|ftp):\/\/([^/?#]*)([^#]*)/.exec(address.trim()) ?? []
  const host = decoded(authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '')).toLowerCase()
  if (host === '') return
  const hosts = hostsOf(host)
  for (const path of pathsOf(rest.startsWith('/') ? rest : `/${rest}`)) {
    for (const one of hosts) yield createHash('sha256').update(`${one}${path}`, 'latin1').digest()
  }
}

function hostsOf(host: string): ReadonlySet<string> {
  if (/^[\d.]+$/.test(host)) return new Set([host])
  const all = new Set<string>()
  const labels = host.split('.')
  for (let count = 2; count <= Math.min(5, labels.length); count += 1) all.add(labels.slice(-count).join('.'))
  all.add(host)
  return all
}

function pathsOf(rest: string): ReadonlySet<string> {
  const mark = rest.indexOf('?')
  const path = withoutDots(decoded(mark === -1 ? rest : rest.slice(0, mark)))
  const all = new Set<string>()
  const folders = path.split('/').slice(1, -1)
  for (let count = Math.min(PATHS - 1, folders.length); count >= 0; count -= 1) {
    all.add(
      `/${folders
        .slice(0, count)
        .map((folder) => `${folder}/`)
        .join('')}`,
    )
  }
  all.add(path)
  if (mark !== -1) all.add(path + rest.slice(mark))
  return all
}

function withoutDots(path: string): string {
  const kept: string[] = []
  const pieces = path.split('/').slice(1)
  pieces.forEach((piece, index) => {
    const isLast = index === pieces.length - 1
    if (piece === '..') kept.pop()
    if (piece !== '..' && piece !== '.') kept.push(piece)
    else if (isLast) kept.push('')
  })
  return `/${kept.join('/')}`
}

function decoded(text: string): string {
  let now = text
  for (let round = 0; round < 4 && now.includes('%'); round += 1) {
    now = now.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  }
  return now
}
