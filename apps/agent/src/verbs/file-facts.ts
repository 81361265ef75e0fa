/**
 * What the verbs say of files and folders. Paths here are strings that hold any bytes (packages/host path-bytes.ts): bytes
 * that are not UTF-8 are lone surrogates; use `displayPath` before one leaves the agent.
 * Numbers of 64 bits are decimal strings.
 */
import * as z from 'zod/mini'

const Decimal = z.string().check(z.regex(/^-?\d{1,20}$/))

/** An absolute path, any bytes; bounded by PATH_MAX, in UTF-16 units. */
export const FilePath = z.string().check(z.minLength(1), z.maxLength(4096))

/** Which file, and which state of it: two equal identities mean the same bytes were there. */
export const FileIdentity = z.object({
  device: Decimal,
  inode: Decimal,
  size: z.int().check(z.gte(0)),
  mtimeNs: Decimal,
  ctimeNs: Decimal,
  /** Permission bits and file type, as in st_mode. */
  mode: z.int(),
  uid: z.int(),
  gid: z.int(),
  links: z.int(),
})
export type FileIdentity = Readonly<z.infer<typeof FileIdentity>>

export const FileKind = z.enum(['file', 'folder', 'link', 'other'])
export type FileKind = z.infer<typeof FileKind>

/** A path's own facts; a link is not followed. */
export const FileStatus = z.object({ kind: FileKind, identity: FileIdentity })
export type FileStatus = Readonly<z.infer<typeof FileStatus>>
