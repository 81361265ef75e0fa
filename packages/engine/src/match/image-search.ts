/**
 * The sub-signatures that are fuzzy hashes of images. The content's own hash is asked for once at most, and only when a signature for such a
 * content could still come true by it; it is then looked up among all of the set's.
 */
import { condition, conditionKinds, logical, masked, type PatternTables } from '@coreward/definitions'
import type { ImageHash } from '../images/image-hasher.ts'
import { fitsSize } from './circumstance-judge.ts'
import type { ExpressionEvaluator } from './expression-evaluator.ts'
import type { LogicalSearch } from './logical-search.ts'

const IMAGE = conditionKinds.indexOf('image')

/** A sub-signature of the logical signature `owner`. */
interface ImageSub {
  readonly owner: number
  readonly sub: number
}

/** The content that is asked for its hash. */
export interface ImageContent {
  readonly target: number
  readonly size: number
  /** Its hash. Absent: it is no image. */
  readonly image: (() => ImageHash) | undefined
}

export class ImageSearch {
  readonly #tables: PatternTables
  readonly #evaluator: ExpressionEvaluator
  readonly #byHash = new Map<string, ImageSub[]>()
  readonly #owners: readonly number[]

  constructor(tables: PatternTables, evaluator: ExpressionEvaluator) {
    this.#tables = tables
    this.#evaluator = evaluator
    const owners = new Set<number>()
    for (const [hash, image] of imagesOf(tables)) {
      owners.add(image.owner)
      const others = this.#byHash.get(hash)
      if (others === undefined) this.#byHash.set(hash, [image])
      else others.push(image)
    }
    this.#owners = [...owners]
  }

  /** Counts what the image's hash is. False when that could not be told: then what was counted is less than there is. */
  settle(logicals: LogicalSearch, { target, size, image }: ImageContent): boolean {
    if (image === undefined) return true
    const isFor = (owner: number) => {
      const wanted = this.#tables.logicals[owner * logical.words + logical.target]
      return (wanted === 0 || wanted === target) && fitsSize(this.#tables, owner, size)
    }
    if (
      !this.#owners.some((owner) => isFor(owner) && this.#evaluator.isOpen(owner, logicals.countsOf(owner)))
    )
      return true
    const found = image()
    const equal = (found.kind === 'hash' && this.#byHash.get(found.hash)) || []
    for (const { owner, sub } of equal) {
      if (isFor(owner)) logicals.count(owner, sub)
    }
    return found.kind !== 'unknown'
  }
}

function* imagesOf({
  conditions,
  conditionCount,
  bytes,
}: PatternTables): Generator<[hash: string, image: ImageSub]> {
  for (let at = 0; at < conditionCount * condition.words; at += condition.words) {
    if (conditions[at + condition.kind] !== IMAGE) continue
    const data = conditions[at + condition.data] as number
    const hash = masked(bytes.subarray(data, data + (conditions[at + condition.length] as number)))
    const owner = conditions[at + condition.logical] as number
    yield [Buffer.from(hash).toString('hex'), { owner, sub: conditions[at + condition.sub] as number }]
  }
}
