import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultDataFolder, pathsBelow, SOCKET_PATH_BYTES } from './paths.ts'

test('the data folder follows XDG, then the kind of user', () => {
  assert.equal(defaultDataFolder({ XDG_DATA_HOME: '/x' }, 0), '/x/coreward')
  assert.equal(
    defaultDataFolder({ XDG_DATA_HOME: 'relative', HOME: '/home/a' }, 1000),
    '/home/a/.local/share/coreward',
  )
  assert.equal(defaultDataFolder({ HOME: '/root' }, 0), '/var/lib/coreward')
})

test('a data folder with a long name still has sockets that the system takes, the same in every process', () => {
  const long = `/srv/${'deep/'.repeat(40)}data`
  const { agent } = pathsBelow(long)
  assert.ok(Buffer.byteLength(agent.controlSocket) <= SOCKET_PATH_BYTES)
  assert.equal(pathsBelow(long).agent.run, agent.run)
  assert.notEqual(pathsBelow(`${long}2`).agent.run, agent.run)
  assert.equal(pathsBelow('/srv/data').agent.guardSocket, '/srv/data/agent/run/guard.sock')
})
