/**
 * A scanned file described in JSON as stock clamscan's --gen-json does: its type, size and MD5, what was found, and the same of each
 * content inside. Made of the result alone; nothing that was unpacked is ever written.
 */
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ContentFacts, Detection, ScanResult } from '@coreward/engine'
import { pathToBytes } from '@coreward/host'
import type { Descriptions } from './command-line.ts'
import { printedName } from './judgement.ts'
import type { Report } from './report.ts'

/** Characters of a file's name in that of its folder, which may have 255 with what stands around it. */
const LONGEST_NAME = 200

interface ContentDescription {
  FileName?: string
  FileType: string
  FileSize: number
  FileMD5: string
  ContainedObjects?: ContentDescription[]
  Viruses?: string[]
}

interface FileDescription extends ContentDescription {
  readonly Magic: 'CLAMJSONv0'
  readonly RootFileType: string
  /** Contents that are not described, being too many. Stock has no such field. */
  readonly ContentsOmitted?: number
}

/** What describes each file where it is to be described. Throws when the folder for descriptions is none. */
export function openDescriptions(
  wanted: Descriptions | undefined,
  report: Pick<Report, 'warning' | 'complaint'>,
): ((path: string, result: ScanResult) => void) | undefined {
  if (wanted === undefined) return undefined
  const { print, folder } = wanted
  if (!print && folder === undefined)
    report.warning('--gen-json shows nothing without --debug or --leave-temps')
  if (folder !== undefined && !statSync(pathToBytes(folder)).isDirectory())
    throw new Error(`--tempdir: ${folder} is no folder`)
  return (path, result) => {
    const description = describeFile(path, result)
    if (description === undefined) return
    const text = JSON.stringify(description, undefined, 2)
    if (print) for (const line of text.split('\n')) report.complaint(line)
    if (folder !== undefined) keep(folder, path, text)
  }
}

/** The description; nothing of a file that could not be read or is empty. */
export function describeFile(path: string, { verdict, contents }: ScanResult): FileDescription | undefined {
  const [file, ...parts] = contents?.listed ?? []
  if (file === undefined) return undefined
  const detections = verdict.outcome === 'infected' ? verdict.detections : []
  const root = describeContent(file, basename(path), detections)
  const open = [{ facts: file, description: root }]
  for (const part of parts) {
    // Contents come as they lie: whatever is as deep or deeper was told to its end.
    open.length = Math.min(part.depth, open.length)
    const { facts: outer, description: container } = open.at(-1) ?? { facts: file, description: root }
    const description = describeContent(part, nameIn(outer, part), detections)
    container.ContainedObjects ??= []
    container.ContainedObjects.push(description)
    open.push({ facts: part, description })
  }
  const omitted = contents?.unlisted ?? 0
  return {
    Magic: 'CLAMJSONv0',
    RootFileType: file.type,
    ...root,
    ...(omitted === 0 ? {} : { ContentsOmitted: omitted }),
  }
}

/** As stock names it: in a zip without its folders, in a gzip not at all. */
function nameIn({ innerPath: outer, type }: ContentFacts, { innerPath = '' }: ContentFacts): string {
  if (type === 'CL_TYPE_GZ') return ''
  const isWhole = outer === undefined || innerPath.startsWith(`${outer}/`)
  if (type === 'CL_TYPE_ZIP' || !isWhole) return basename(innerPath)
  return outer === undefined ? innerPath : innerPath.slice(outer.length + 1)
}

function describeContent(
  { innerPath, type, bytes, md5 }: ContentFacts,
  name: string,
  detections: readonly Detection[],
): ContentDescription {
  const own = detections.filter((detection) => detection.innerPath === innerPath)
  return {
    ...(name === '' ? {} : { FileName: name }),
    FileType: type,
    FileSize: bytes,
    FileMD5: md5,
    ...(own.length === 0 ? {} : { Viruses: own.map(printedName) }),
  }
}

/** Into a new folder of its own, for the caller alone to read. */
function keep(folder: string, path: string, text: string): void {
  const name = basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(0, LONGEST_NAME)
  const own = mkdtempSync(join(folder, `${stamp(new Date())}-${name}.`))
  writeFileSync(join(own, 'metadata.json'), text, { mode: 0o600, flag: 'wx' })
}

function stamp(now: Date): string {
  return now
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '_')
}
