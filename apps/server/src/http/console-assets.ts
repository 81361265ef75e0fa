/**
 * The console's files, read into memory before the process gives up its privileges. What is not a file of theirs is the
 * console's own address and gets its page.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { ServerError } from '../server-error.ts'

/** One file of the console. */
export interface Asset {
  readonly content: Uint8Array<ArrayBuffer>
  readonly mediaType: string
  readonly etag: string
  /** Its name holds a digest of its content, so it may be kept for ever. */
  readonly immutable: boolean
}

export type Assets = ReadonlyMap<string, Asset>

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

/** Reads every file below `folder`, by its address. Throws `file-unreadable` when there is no index.html. */
export function readAssets(folder: string): Assets {
  const assets = new Map<string, Asset>()
  try {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || entry.name.startsWith('.')) continue
      const path = join(entry.parentPath, entry.name)
      const address = `/${relative(folder, path).split(sep).join('/')}`
      assets.set(address, readAsset(path, address))
    }
  } catch (cause) {
    throw new ServerError(
      'file-unreadable',
      `The console's files in ${folder} cannot be read; build the console.`,
      {
        cause,
      },
    )
  }
  if (!assets.has('/index.html'))
    throw new ServerError('file-unreadable', `${folder} holds no index.html; build the console into it.`)
  return assets
}

/** The file at an address, or the page for one that has none; undefined when there is no console, or for a missing file. */
export function findAsset(assets: Assets, address: string): Asset | undefined {
  const found = assets.get(address)
  if (found !== undefined) return found
  return address.startsWith('/assets/') ? undefined : assets.get('/index.html')
}

function readAsset(path: string, address: string): Asset {
  const content = new Uint8Array(readFileSync(path))
  return {
    content,
    mediaType: mediaTypes[extname(path).toLowerCase()] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(content).digest('base64url')}"`,
    immutable: address.startsWith('/assets/'),
  }
}
