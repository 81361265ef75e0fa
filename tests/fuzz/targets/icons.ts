/** Icons of programs: from the resources to what is compared. */
import { describeIcon } from '../../../packages/engine/src/icons/icon-description.ts'
import { readIcon } from '../../../packages/engine/src/icons/icon-picture.ts'
import {
  depths,
  iconProgram,
  makeGroup,
  makeIcon,
  programWith,
  randomIcon,
} from '../../../packages/engine/src/icons/icon-programs.fixture.ts'
import { scaleIcon } from '../../../packages/engine/src/icons/icon-scaling.ts'
import { seededRandom } from '../../../packages/engine/src/match/random-signatures.fixture.ts'
import { readPe } from '../../../packages/engine/src/structure/pe.ts'
import { checkedSource } from '../checked-source.ts'
import { type FuzzTarget, mustHold, type Outcome } from '../fuzz-target.ts'

/** One of each depth, and a program whose group is in two languages. */
function seeds(): Buffer[] {
  const random = seededRandom(1)
  const icons = depths.map((depth) =>
    makeIcon({
      ...randomIcon(random, 16, 16),
      depth,
      palette: Array(256)
        .fill([1, 2, 3])
        .slice(0, 2 ** Math.min(8, depth)),
    }),
  )
  const [first, second] = icons as [Buffer, Buffer]
  const languages = [makeGroup([1, 2]), makeGroup([2])]
  return [
    ...icons.map((icon) => iconProgram([icon])),
    iconProgram([makeIcon({ ...randomIcon(random, 20, 18), depth: 4 })]),
    programWith([
      [3, [[1, [first, second]]]],
      [14, [[1, languages]]],
    ]),
  ]
}

function run(input: Uint8Array): Outcome {
  const source = checkedSource(input)
  const outcome: string[] = []
  for (const place of readPe(source)?.iconPlaces() ?? []) {
    mustHold(place >= 0, 'an icon lies before the program')
    const picture = readIcon(source, place)
    const scaled = picture && scaleIcon(picture)
    if (scaled === undefined) {
      outcome.push(`${place} none`)
      continue
    }
    mustHold(
      [16, 24, 32].includes(scaled.width) && scaled.width === scaled.height,
      'an icon has another size',
    )
    const { side, shares, coloured, ...areas } = describeIcon(scaled)
    mustHold(
      coloured <= 100 && shares.reduce((sum, share) => sum + share, 0) <= 103,
      'colours have a share too many',
    )
    for (const { x, y, value } of Object.values(areas).flat())
      mustHold(
        x >= 0 && y >= 0 && x < side && y < side && value >= 0 && value <= 4095,
        'an area is impossible',
      )
    outcome.push(`${place} ${JSON.stringify(areas)}`)
  }
  return outcome.join('\n')
}

export const targets: readonly FuzzTarget[] = [{ name: 'icons', longest: 6 * 1024, seeds, run }]
