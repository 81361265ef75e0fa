/**
 * The users that our processes run as, and names of users and groups. Our own are taken by name where an administrator or a package
 * made them; else by fixed numbers, which need no entry anywhere.
 */
import { readFileSync } from 'node:fs'

export interface ServiceUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
  /** False when no such name exists and the fixed number is used. */
  readonly named: boolean
}

/** Above every range that Debian, Red Hat and systemd hand out by themselves, below 65534 (nobody). */
const fixed = {
  daemon: ['coreward', 64961],
  scanner: ['coreward-scan', 64962],
  server: ['coreward-server', 64963],
} as const

/** The user of one of our processes. */
export function serviceUser(role: keyof typeof fixed): ServiceUser {
  const [name, id] = fixed[role]
  const entry = accounts('/etc/passwd').find((fields) => fields[0] === name)
  const uid = Number(entry?.[2])
  const gid = Number(entry?.[3])
  // A user of that name that is root would undo the separation: the number is used then.
  if (Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 && gid > 0)
    return { name, uid, gid, named: true }
  return { name, uid: id, gid: id, named: false }
}

/** A user's name, or its number as text. Local accounts only: no name service is asked. */
export function userName(uid: number): string {
  return nameOf('/etc/passwd', uid)
}

/** A group's name, or its number as text. */
export function groupName(gid: number): string {
  return nameOf('/etc/group', gid)
}

function nameOf(file: string, id: number): string {
  return accounts(file).find((fields) => fields[2] === String(id))?.[0] ?? String(id)
}

/** passwd(5) and group(5): fields by colons; the third is the number. */
function accounts(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}
