/**
 * What the tests need beyond npm: which Debian packages, how their presence is seen, and how they are installed on a
 * machine that asked for it. Services of installed packages are kept from starting. Nothing is ever removed.
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface TestTool {
  readonly packages: readonly string[]
  /** Commands (looked up on PATH) or absolute paths that all exist when the packages are installed. */
  readonly present: readonly string[]
  /** What is skipped without them, for a person to read. */
  readonly skipped: string
}

const tools: readonly TestTool[] = [
  {
    packages: ['clamav', 'clamav-daemon', 'clamdscan'],
    present: ['clamscan', 'clamd', 'clamdscan'],
    skipped: 'the comparisons with stock ClamAV',
  },
  {
    packages: ['clamav-testfiles'],
    present: ['/usr/share/clamav-testfiles'],
    skipped: 'the scans of ClamAV test files',
  },
  {
    packages: ['xz-utils', 'bzip2', 'zstd', 'lz4', 'ncompress'],
    present: ['xz', 'bzip2', 'zstd', 'lz4', 'compress'],
    skipped: 'the decompressors beside the programs that compress',
  },
  {
    packages: [
      '7zip',
      'zip',
      'binutils',
      'arj',
      'gcab',
      'genisoimage',
      'squashfs-tools',
      'wimtools',
      'libarchive-tools',
      'cpio',
      'dosfstools',
      'mtools',
      'ntfs-3g',
    ],
    present: [
      '7zz',
      'zip',
      'ar',
      'arj',
      'gcab',
      'genisoimage',
      'mksquashfs',
      'wimlib-imagex',
      'bsdtar',
      'cpio',
      'mkfs.fat',
      'mcopy',
      'ntfscp',
    ],
    skipped: 'archives and disk images made by other tools',
  },
  { packages: ['qpdf'], present: ['qpdf'], skipped: 'encrypted PDF documents' },
  {
    packages: ['gcc'],
    present: ['gcc'],
    skipped: "the comparison of the emulator with the machine's own processor",
  },
  { packages: ['chromium'], present: ['chromium'], skipped: 'the console in a browser' },
  {
    packages: ['fonts-noto-cjk'],
    present: ['/usr/share/fonts/opentype/noto'],
    skipped: 'Japanese screenshots with their proper typeface',
  },
  {
    packages: ['util-linux'],
    present: ['unshare', 'setpriv'],
    skipped: "the processes' reduced privileges",
  },
]

/** The tools that are not on this machine. */
export function missingTestTools(): TestTool[] {
  return tools.filter((tool) => !tool.present.every(isPresent))
}

/**
 * Installs the packages of `missing` with apt; needs root. Returns false and prints apt's own words when it failed.
 * While it runs, a policy-rc.d that forbids starting services stands at its usual place, unless there was one already.
 */
export function installTestTools(missing: readonly TestTool[]): boolean {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = !existsSync(policy)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...parameters: string[]) =>
    spawnSync('apt-get', parameters, { stdio: 'inherit', env }).status === 0
  if (ours) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    const packages = missing.flatMap((tool) => tool.packages)
    console.log(`installing ${packages.join(' ')}`)
    return apt('-q', 'update') && apt('-q', '-y', '--no-install-recommends', 'install', ...packages)
  } finally {
    if (ours) rmSync(policy, { force: true })
  }
}

function isPresent(what: string): boolean {
  if (what.startsWith('/')) return existsSync(what)
  // An ordinary user's PATH often lacks the folders where daemons such as clamd live.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, what), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
