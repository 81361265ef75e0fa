/**
 * Signatures of programs that somebody may not want (ClamAV's PUA): files of their own, whose lines are those of their twins. Read only by who
 * asks for them, and by category.
 */

/** Categories as names have them: `Win.Packer` or a part of it, `Win` or `Packer`, of `PUA.Win.Packer.Upx`. */
export interface UnwantedCategories {
  /** Only these; all when absent. */
  readonly only?: readonly string[]
  /** All but these. */
  readonly without?: readonly string[]
}

/** Each format with its twin. */
export const unwantedFormats: { readonly [ending: string]: string } = {
  hdu: 'hdb',
  hsu: 'hsb',
  mdu: 'mdb',
  msu: 'msb',
  ndu: 'ndb',
  ldu: 'ldb',
}

/**
 * Whether a signature of such a file is asked for. As in clamscan 1.4.6 a name without a category is not once categories are asked
 * for; several of them are alternatives, as ClamAV's manual says, where clamscan looks for their row.
 */
export function isAskedFor(name: string, { only, without }: UnwantedCategories): boolean {
  if (only === undefined && without === undefined) return true
  const [, categories] = /^PUA\.(.*)\./.exec(name) ?? []
  if (categories === undefined) return false
  const isIn = (category: string) => `.${categories}.`.includes(`.${category}.`)
  return (only === undefined || only.some(isIn)) && without?.some(isIn) !== true
}
