/**
 * Ways to put one file into a container with the tools of a Debian machine. Each works in a folder of its own and leaves one file
 * there; a tool that is missing is an error that names it.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** Makes a container of `path`, a file in `folder`, and says where it is, in the same folder. */
export type MakeContainer = (folder: string, path: string) => string

/** Debian packages that the makers run, beside those every Debian has. */
export const makerCommands = [
  '7zz',
  'zip',
  'arj',
  'gcab',
  'genisoimage',
  'cpio',
  'ar',
  'zstd',
  'lz4',
  'xz',
  'bzip2',
  'compress',
  'dpkg-deb',
] as const

function run(folder: string, command: string, given: readonly string[], input?: string): Buffer {
  const { status, error, stdout, stderr } = spawnSync(command, given, {
    cwd: folder,
    ...(input === undefined ? {} : { input }),
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`${command} ${given.join(' ')}: ${error?.message ?? stderr.toString()}`)
  return stdout
}

/** A tool that is told the container's name and the file's. */
function packer(extension: string, command: string, ...given: readonly string[]): MakeContainer {
  return (folder, path) => {
    const made = `${basename(path)}.${extension}`
    run(folder, command, [...given, made, basename(path)])
    return join(folder, made)
  }
}

/** A tool that writes what it makes of a file to its output. */
function filter(extension: string, command: string, ...given: readonly string[]): MakeContainer {
  return (folder, path) => {
    const made = join(folder, `${basename(path)}.${extension}`)
    writeFileSync(made, run(folder, command, [...given, basename(path)]))
    return made
  }
}

function cpio(format: string): MakeContainer {
  return (folder, path) => {
    const made = join(folder, `${basename(path)}.${format}.cpio`)
    writeFileSync(made, run(folder, 'cpio', ['-o', '--quiet', '-H', format], `${basename(path)}\n`))
    return made
  }
}

function deb(compression: string): MakeContainer {
  return (folder, path) => {
    const tree = join(folder, `tree-${compression}`)
    mkdirSync(join(tree, 'DEBIAN'), { recursive: true, mode: 0o755 })
    writeFileSync(
      join(tree, 'DEBIAN/control'),
      'Package: a\nVersion: 1\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: a\n',
    )
    cpSync(path, join(tree, basename(path)))
    const made = `${basename(path)}.${compression}.deb`
    run(folder, 'dpkg-deb', [`-Z${compression}`, '--root-owner-group', '-b', tree, made])
    return join(folder, made)
  }
}

/** A mail with the file as its attachment (RFC 2045). */
function mail(folder: string, path: string): string {
  const made = join(folder, `${basename(path)}.eml`)
  const text = readFileSync(path).toString('base64').replaceAll(/.{76}/g, '$&\r\n')
  const lines = [
    'From: a@example.org',
    'To: b@example.org',
    'Subject: a file',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="b"',
    '',
    '--b',
    `Content-Type: application/octet-stream; name="${basename(path)}"`,
    'Content-Transfer-Encoding: base64',
    `Content-Disposition: attachment; filename="${basename(path)}"`,
    '',
    text,
    '--b--',
    '',
  ]
  writeFileSync(made, lines.join('\r\n'))
  return made
}

/** A file that has a second one behind it. */
function behind(inner: MakeContainer): MakeContainer {
  return (folder, path) => {
    const made = join(folder, `${basename(path)}.sfx`)
    copyFileSync('/bin/true', made)
    writeFileSync(made, readFileSync(inner(folder, path)), { flag: 'a' })
    return made
  }
}

const zip = packer('zip', 'zip', '-q')

export const makers: Readonly<Record<string, MakeContainer>> = {
  zip,
  'zip, stored': packer('zip', 'zip', '-q', '-0'),
  'zip, deflate64': packer('zip', '7zz', 'a', '-bd', '-tzip', '-mm=Deflate64'),
  'zip, bzip2': packer('zip', '7zz', 'a', '-bd', '-tzip', '-mm=BZip2'),
  'zip, lzma': packer('zip', '7zz', 'a', '-bd', '-tzip', '-mm=LZMA'),
  'zip, ppmd': packer('zip', '7zz', 'a', '-bd', '-tzip', '-mm=PPMd'),
  'zip behind a program': behind(zip),
  '7z, lzma2': packer('7z', '7zz', 'a', '-bd'),
  '7z, lzma': packer('7z', '7zz', 'a', '-bd', '-m0=LZMA'),
  '7z, bzip2': packer('7z', '7zz', 'a', '-bd', '-m0=BZip2'),
  '7z, ppmd': packer('7z', '7zz', 'a', '-bd', '-m0=PPMd'),
  '7z, stored': packer('7z', '7zz', 'a', '-bd', '-mx=0'),
  arj: packer('arj', 'arj', 'a', '-y', '-i'),
  cab: packer('cab', 'gcab', '-c', '-n'),
  'cab, MSZIP': packer('cab', 'gcab', '-c', '-n', '-z'),
  iso: packer('iso', 'genisoimage', '-quiet', '-o'),
  'iso, Joliet': packer('iso', 'genisoimage', '-quiet', '-J', '-R', '-o'),
  'tar, version 7': packer('tar', 'tar', '--format=v7', '-cf'),
  'tar, ustar': packer('tar', 'tar', '--format=ustar', '-cf'),
  'tar, GNU': packer('tar', 'tar', '--format=gnu', '-cf'),
  'tar, pax': packer('tar', 'tar', '--format=pax', '-cf'),
  'cpio, old binary': cpio('bin'),
  'cpio, odc': cpio('odc'),
  'cpio, newc': cpio('newc'),
  'cpio, crc': cpio('crc'),
  ar: packer('a', 'ar', 'cqS'),
  'deb, gzip': deb('gzip'),
  'deb, xz': deb('xz'),
  'deb, zstd': deb('zstd'),
  gzip: filter('gz', 'gzip', '-c'),
  bzip2: filter('bz2', 'bzip2', '-c'),
  xz: filter('xz', 'xz', '-c'),
  lzma: filter('lzma', 'xz', '--format=lzma', '-c'),
  zstd: filter('zst', 'zstd', '-q', '-c'),
  lz4: filter('lz4', 'lz4', '-q', '-c'),
  compress: filter('Z', 'compress', '-c', '-f'),
  mail,
}
