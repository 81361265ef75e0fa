/**
 * The libraries that come as programs of WebAssembly, held ready for all threads of a scanner: they are opened together, while the process may still
 * read its own code, and cost nothing to speak of until one is needed.
 */
import { closeDecoderLibrary, type DecoderLibrary, openDecoderLibrary } from './decoders/decoder-library.ts'
import { closeImageLibrary, type ImageLibrary, openImageLibrary } from './images/image-library.ts'
import { closeRuleLibrary, openRuleLibrary, type RuleLibrary } from './rules/rule-library.ts'

/** May be posted to other threads. */
export interface Libraries {
  readonly rules: RuleLibrary
  readonly images: ImageLibrary
  readonly decoders: DecoderLibrary
}

/** Throws what opening throws when a package is not installed. */
export function openLibraries(): Libraries {
  return { rules: openRuleLibrary(), images: openImageLibrary(), decoders: openDecoderLibrary() }
}

export function closeLibraries({ rules, images, decoders }: Libraries): void {
  closeRuleLibrary(rules)
  closeImageLibrary(images)
  closeDecoderLibrary(decoders)
}
