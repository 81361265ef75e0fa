/**
 * Mounted file systems (/proc/PID/mountinfo, proc(5)), and which of them hold no files of their own or lie on another machine.
 */
import { readFileSync } from 'node:fs'
import { pathFromBytes } from './path-bytes.ts'

export interface Mount {
  /** As in path-bytes.ts. */
  readonly path: string
  readonly type: string
  readonly source: string
  /** `major:minor`. */
  readonly device: string
  readonly kind: 'local' | 'network' | 'virtual'
}

/** File systems whose "files" are the kernel's answers, not content. tmpfs and ramfs hold real files and are not among them. */
const virtualTypes = new Set([
  'autofs',
  'binfmt_misc',
  'bpf',
  'cgroup',
  'cgroup2',
  'configfs',
  'debugfs',
  'devpts',
  'devtmpfs',
  'efivarfs',
  'fusectl',
  'hugetlbfs',
  'mqueue',
  'nfsd',
  'nsfs',
  'proc',
  'pstore',
  'rpc_pipefs',
  'securityfs',
  'selinuxfs',
  'smackfs',
  'sysfs',
  'tracefs',
])

const networkTypes = new Set([
  '9p',
  'afs',
  'ceph',
  'cifs',
  'coda',
  'gfs2',
  'glusterfs',
  'lustre',
  'ncpfs',
  'nfs',
  'nfs4',
  'ocfs2',
  'smb3',
  'smbfs',
  'virtiofs',
])

/** The kind of a file system's type. FUSE counts as network, except for the two that are disks. */
export function mountKind(type: string): Mount['kind'] {
  if (virtualTypes.has(type)) return 'virtual'
  if (networkTypes.has(type)) return 'network'
  if (type === 'fuseblk' || type === 'fuse.fuse-overlayfs') return 'local'
  return type === 'fuse' || type.startsWith('fuse.') ? 'network' : 'local'
}

/** What is mounted, as this process sees it, in the order of mounting; empty where the system does not tell. */
export function readMounts(): Mount[] {
  let text: Buffer
  try {
    text = readFileSync('/proc/self/mountinfo')
  } catch {
    return []
  }
  return parseMountInfo(text)
}

/** Parses mountinfo. Lines that do not have its form are left out. */
export function parseMountInfo(bytes: Uint8Array): Mount[] {
  const mounts: Mount[] = []
  for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
    // 36 35 98:0 /root /point options [optional fields] - type source super-options
    const match = /^\d+ \d+ (\d+:\d+) \S+ (\S+) \S+ (?:\S+ )*?- (\S+) (\S*)/.exec(line)
    if (match === null) continue
    const [, device = '', point = '', type = '', source = ''] = match
    mounts.push({
      path: withoutEscapes(point),
      type,
      source: withoutEscapes(source),
      device,
      kind: mountKind(type),
    })
  }
  return mounts
}

/** Space, tab, newline and backslash are written as three octal digits. */
function withoutEscapes(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
  return pathFromBytes(Buffer.from(bytes, 'latin1'))
}
