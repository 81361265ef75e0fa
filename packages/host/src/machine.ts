/**
 * What can be told of this machine: names, versions, addresses. Read when asked; nothing here changes anything.
 */
import { readFileSync } from 'node:fs'
import { arch, hostname, networkInterfaces, release, type } from 'node:os'

export interface Machine {
  readonly hostname: string
  /** As in os-release: `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string
  /** ID and VERSION_ID of os-release; empty where unknown. */
  readonly systemId: string
  readonly systemVersion: string
  readonly kernel: string
  readonly architecture: string
  /** /etc/machine-id; null where there is none. Identifies the installation: treat as personal (machine-id(5)). */
  readonly machineId: string | null
  /** Changes at every start of the machine; null where unknown. */
  readonly bootId: string | null
  /** Addresses of all interfaces but loopback and link-local. */
  readonly addresses: readonly string[]
  readonly nodeVersion: string
}

/** Reads all of it anew. Never throws: what cannot be read is null or empty. */
export function describeMachine(): Machine {
  const osRelease = parseOsRelease(readOr('/etc/os-release') ?? readOr('/usr/lib/os-release') ?? '')
  return {
    hostname: hostname(),
    system: osRelease.get('PRETTY_NAME') ?? `${type()} ${release()}`,
    systemId: osRelease.get('ID') ?? '',
    systemVersion: osRelease.get('VERSION_ID') ?? '',
    kernel: `${type()} ${release()}`,
    architecture: arch(),
    machineId: readOr('/etc/machine-id')?.trim() || null,
    bootId: readOr('/proc/sys/kernel/random/boot_id')?.trim() || null,
    addresses: addresses(),
    nodeVersion: process.versions.node,
  }
}

/** The assignments of an os-release file (os-release(5)): shell-like, quotes taken off, backslashes undone. */
export function parseOsRelease(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split('\n')) {
    const match = /^([A-Z0-9_]+)=(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S*))\s*$/.exec(line.trim())
    if (match === null) continue
    const [, name, double, single, bare] = match
    values.set(name as string, double?.replace(/\\(.)/g, '$1') ?? single ?? bare ?? '')
  }
  return values
}

function addresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((interfaces) => interfaces ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe[89ab]|169\.254\.)/i.test(address))
    .map(({ address }) => address)
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
