import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountKind, parseMountInfo, readMounts } from './mounts.ts'

test('mount lines are read with optional fields and escapes', () => {
  const text = [
    '36 35 98:0 /mnt1 /mnt/my\\040disk rw,noatime master:1 shared:2 - ext4 /dev/root rw',
    '22 1 0:20 / /proc rw - proc proc rw',
    'garbage',
    '40 1 0:44 / /net rw - nfs4 server:/x rw',
  ].join('\n')
  assert.deepEqual(parseMountInfo(Buffer.from(text)), [
    { path: '/mnt/my disk', type: 'ext4', source: '/dev/root', device: '98:0', kind: 'local' },
    { path: '/proc', type: 'proc', source: 'proc', device: '0:20', kind: 'virtual' },
    { path: '/net', type: 'nfs4', source: 'server:/x', device: '0:44', kind: 'network' },
  ])
})

test('kernel views are virtual, temporary file systems are not, FUSE is another machine unless it is a disk', () => {
  assert.equal(mountKind('cgroup2'), 'virtual')
  assert.equal(mountKind('tmpfs'), 'local')
  assert.equal(mountKind('fuse.sshfs'), 'network')
  assert.equal(mountKind('fuseblk'), 'local')
})

test('this machine has a root mount', { skip: process.platform !== 'linux' && 'no mountinfo here' }, () => {
  assert.ok(readMounts().some((mount) => mount.path === '/'))
})
