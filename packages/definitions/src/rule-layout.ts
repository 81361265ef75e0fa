/** Where everything stands of the rules in a definitions file: what layout.ts is for the rest. */

/** A rule that the rule engine judges. Fields in words. */
export const rule = {
  words: 6,
  /** Of kind rule; its name without the prefix is the rule's in its text. */
  signature: 0,
  /** Its text and all that it speaks of, in ruleTexts. */
  textOffset: 1,
  textLength: 2,
  /** 1 when every content is to be judged, 0 when only those for which a logical of its signature holds. */
  always: 3,
  /** As in `logical`. */
  sizeMin: 4,
  sizeMax: 5,
} as const

/** A rule's text may be so long: ours, so that opening a set takes bounded memory. */
export const RULE_TEXT_MAX_BYTES = 4 * 1024 * 1024
