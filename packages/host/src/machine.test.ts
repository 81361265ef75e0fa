import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeMachine, parseOsRelease } from './machine.ts'
import { openOwnPss, readPss } from './pss.ts'
import { groupName, serviceUser, userName } from './service-users.ts'

test('os-release is read with quotes, escapes and comments', () => {
  const values = parseOsRelease('# c\nNAME="A \\"B\\""\nID=debian\nX=\'y z\'\nbad line\n')
  assert.deepEqual(
    [...values],
    [
      ['NAME', 'A "B"'],
      ['ID', 'debian'],
      ['X', 'y z'],
    ],
  )
})

test('this machine is described', () => {
  const machine = describeMachine()
  assert.ok(machine.hostname.length > 0 && machine.system.length > 0 && machine.kernel.length > 0)
  assert.equal(machine.nodeVersion, process.versions.node)
})

test('a process knows its own share of memory', {
  skip: process.platform !== 'linux' && 'no smaps here',
}, () => {
  const pss = openOwnPss()
  assert.ok((readPss() ?? 0) > 1e6)
  assert.ok((pss() ?? 0) > 1e6 && (pss() ?? 0) > 1e6)
  assert.equal(readPss(2 ** 22 + 1), null)
})

test('service users are never root, and unknown numbers are their own names', () => {
  for (const role of ['daemon', 'scanner', 'server'] as const) assert.ok(serviceUser(role).uid > 0)
  assert.equal(userName(0), 'root')
  assert.equal(groupName(3_999_999_999), '3999999999')
})
