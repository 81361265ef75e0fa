/**
 * Says where a trace of a built process comes from in the sources: `node tools/read-trace.ts < daemon.log`. Every place in a build
 * (tools/build-agent.ts) becomes the place in the sources that its map names; all other text goes through as it is.
 */
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, relative, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** A file's address or path, line and column, as V8 writes them. */
const place = /(file:\/\/\/|\/)([^\s()"]+?\.js):(\d+):(\d+)/g

if (import.meta.main) process.stdout.write(readTrace(await text(process.stdin)))

/** The text with places in sources, relative to the current folder, where there is a map. */
export function readTrace(trace: string): string {
  const maps = new Map<string, SourceMap | undefined>()
  return trace.replace(place, (whole, start: string, rest: string, line: string, column: string) => {
    const file = start === '/' ? `/${rest}` : fileURLToPath(`${start}${rest}`)
    if (!maps.has(file)) maps.set(file, mapOf(file))
    const origin = maps.get(file)?.findOrigin(Number(line), Number(column))
    if (origin === undefined || !('fileName' in origin)) return whole
    const source = relative('', resolve(dirname(file), origin.fileName))
    return `${source}:${origin.lineNumber}:${origin.columnNumber}`
  })
}

function mapOf(file: string): SourceMap | undefined {
  const map = `${file}.map`
  return existsSync(map) ? new SourceMap(JSON.parse(readFileSync(map, 'utf8'))) : undefined
}
