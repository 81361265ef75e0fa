/** The normalised forms of a piece of HTML as latin-1 text. Never imported by production code. */
import { ByteOutput } from './byte-output.ts'
import { HtmlNormaliser } from './html.ts'
import { normaliseScript } from './script.ts'

export interface FormTexts {
  readonly withoutComments: string
  readonly withoutTags: string
  readonly scripts: string
}

/** `pieces` are written one after the other: where they are cut must not matter. */
export function formsOf(...pieces: readonly string[]): FormTexts {
  const [withoutComments, withoutTags, scripts] = [0, 1, 2].map(() => new ByteOutput(1 << 24)) as [
    ByteOutput,
    ByteOutput,
    ByteOutput,
  ]
  const normaliser = new HtmlNormaliser({
    withoutComments,
    withoutTags,
    scriptMaxBytes: 1 << 20,
    onScript: (bytes) => normaliseScript(Buffer.from(bytes).toString('latin1'), scripts),
  })
  for (const piece of pieces) normaliser.write(Buffer.from(piece, 'latin1'))
  normaliser.end()
  const text = (output: ByteOutput) => Buffer.from(output.bytes()).toString('latin1')
  return {
    withoutComments: text(withoutComments),
    withoutTags: text(withoutTags),
    scripts: text(scripts),
  }
}
