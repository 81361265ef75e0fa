import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { checks } from './architecture/checks.ts'
import { readSourceTree } from './architecture/source-tree.ts'

const root = join(import.meta.dirname, '..')
const tree = readSourceTree(root)

const sentences: Record<keyof typeof checks, string> = {
  somethingToCheck: 'there are modules and workspaces to check',
  dependenciesFollowTheArrows: "each package.json's dependencies follow the arrows",
  importsStayInTheirRooms: 'imports are declared, use the front door and stay in their workspace',
  slicesHaveOneDoor: 'server slices are entered by their noun only',
  storesOwnTheirTables: "only a slice's own store names its tables",
  dutiesDoNotKnowOneAnother: "the daemon's duties do not import one another",
  processesAreJoinedByMain: "the agent's processes are joined by their main.ts only",
  noCircles: 'no modules import one another in a circle',
  nothingLoadsLate: 'processes that drop privileges load nothing late',
  modulesAreShort: 'no module is longer than 400 lines',
  namesSayWhatTheyHold: 'file names are kebab-case and say what they hold',
  modulesOpenWithAParagraph: 'every module opens with a paragraph that says what it holds',
}

for (const [name, sentence] of Object.entries(sentences) as [keyof typeof checks, string][]) {
  test(sentence, () => {
    const complaints = checks[name](tree)
    assert.equal(complaints.length, 0, `\n${complaints.join('\n')}\n`)
  })
}
