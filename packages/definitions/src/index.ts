/**
 * @coreward/definitions: signature text → definitions, one flat binary, checked whole before use. Knows ClamAV's formats
 * and our layout; knows nothing of files, scanning or networks.
 */
export { type BuiltinSources, builtinSources } from '../builtin/index.ts'
export {
  type Additions,
  type CompiledWithAdditions,
  compileWithAdditions,
} from './additions/compile-additions.ts'
export { decodeFormerSets, encodeFormerSets, type FormerSets } from './additions/former-sets.ts'
export { type HashPrefix, type Reach, type Rereading, reachOf, type TouchedFile } from './additions/reach.ts'
export type { CertificateRecord, CertificateTable } from './certificate-table.ts'
export { type CompileInput, type CompileSummary, compileDefinitions, type RuleAccount } from './compile.ts'
export { DefinitionsError, type DefinitionsErrorCode } from './definitions-error.ts'
export {
  type DefinitionsFile,
  definitionsInMemory,
  definitionsOnDisk,
  readResident,
} from './definitions-file.ts'
export type { Descriptions, SignatureDescription } from './description.ts'
export { emptyDefinitions } from './empty-set.ts'
export type { EntryRule } from './entry-rules.ts'
export { fileText } from './file-text.ts'
export {
  BITMAP_PADDING,
  CASE_BIT,
  CONFIRM_SPREAD,
  KERNEL_VERSION,
  LONG_ANCHOR_BYTES,
  LONG_STRIDE,
  MIDDLE_ANCHOR_BYTES,
  PROBE_SPREAD,
} from './filter-layout.ts'
export {
  anchorBucket,
  anchorTag,
  anchorWords,
  enterAnchor,
  mixedAnchor,
} from './gram-hash.ts'
export type { HashTable } from './hash-table.ts'
export { masked } from './join-sections.ts'
export {
  anchor,
  anchorSizes,
  byteBound,
  byteOptions,
  condition,
  conditionKinds,
  edges,
  element,
  elementCount,
  elementKind,
  elementKinds,
  elementLength,
  filter,
  fringe,
  type HashAlgorithm,
  type HashTableName,
  hashAlgorithms,
  hashTableNames,
  isLaterPattern,
  LATER_PARTS_MAX,
  LAYOUT_VERSION,
  LOGICAL_BIT,
  logical,
  NONE,
  type NumberKind,
  numberKinds,
  OPERATIONS_MAX,
  offsetKinds,
  operation,
  operationKinds,
  POOL_MASK,
  part,
  pattern,
  patternLimit,
  patternSub,
  patternTarget,
  place,
  type Relation,
  reach,
  regexFlags,
  relations,
  type Severity,
  type SignatureKind,
  SUBSIGNATURES_MAX,
} from './layout.ts'
export type { LinkTables } from './link-tables.ts'
export {
  type Definitions,
  type DefinitionsSelf,
  type OpenOptions,
  openDefinitions,
  type PatternTables,
  readDefinitionsSelf,
} from './open.ts'
export type { EntryConditions, NumberRange } from './parse/cdb.ts'
export type { Circumstances, HandlerType, IconWish } from './parse/circumstances.ts'
export { type ExtendedRegex, fromExtendedRegex } from './parse/extended-regex.ts'
export { TYPE_HEAD_BYTES, type TypeRule } from './parse/ftm.ts'
export {
  type AreaKind,
  areaKinds,
  type IconArea,
  type IconDescription,
  type KnownIcon,
} from './parse/idb.ts'
export type { SignatureText } from './parse/line.ts'
export type { AddressList, LinkRule } from './parse/links.ts'
export type { RefusedLine, SignatureFile } from './parse/signature-file.ts'
export type { UnsupportedFormat } from './parse/unsupported.ts'
export { RULE_PREFIX } from './parse/yara/judge-rules.ts'
export type { RefusalKind } from './refusals.ts'
export {
  openRegexLibrary,
  type Regex,
  type RegexBudget,
  RegexError,
  type RegexLibrary,
} from './regex/regex-library.ts'
export type { RuleRecord } from './rule-table.ts'
export { expandSets, type SetAccount } from './sets/expand-sets.ts'
export type { Signature } from './signature-names.ts'
export { HASH_PREFIX_BYTES, SURFACE_MASK, surfaceBits, targetBit } from './surface.ts'
export type { UnwantedCategories } from './unwanted-programs.ts'
