/**
 * What options stock clamscan has, as data: those taken here by kind, and those that are not supported with the values
 * that ask for nothing (their defaults). Nothing here decides anything.
 */

/** Options that are on or off. */
export const switches: readonly string[] = [
  'recursive',
  'infected',
  'suppress-ok-results',
  'allmatch',
  'archive-verbose',
  'no-summary',
  'stdout',
  'quiet',
  'verbose',
  'remove',
  'cross-fs',
  'bell',
  'as-stock',
  'debug',
  'leave-temps',
  'gen-json',
  'heuristic-scan-precedence',
  'alert-broken',
  'alert-encrypted',
  'alert-encrypted-archive',
  'alert-encrypted-doc',
  'alert-macros',
  'alert-exceeds-max',
  'alert-phishing-ssl',
  'alert-phishing-cloak',
  'phishing-sigs',
  'phishing-scan-urls',
  'disable-cache',
  'nocerts',
  'normalize',
  'detect-pua',
  'version',
  'help',
]

/** Options that take a value. */
export const valued: readonly string[] = [
  'database',
  'log',
  'file-list',
  'move',
  'copy',
  'exclude',
  'include',
  'exclude-dir',
  'exclude-pua',
  'include-pua',
  'include-dir',
  'tempdir',
  'max-filesize',
  'max-scansize',
  'max-files',
  'max-recursion',
  'max-dir-recursion',
  'max-scantime',
  'follow-dir-symlinks',
  'follow-file-symlinks',
]

/** Short options that take a value; the other short ones do not. */
export const valuedLetters = 'dlf'

const off = ['no', 'false', '0']
const on = ['yes', 'true', '1']

/** Not supported: switches that are off, and switches that are on, unless somebody says otherwise. */
const unsupportedOff = [
  'force-to-disk',
  'official-db-only',
  'bytecode-unsigned',
  'detect-structured',
  'alert-broken-media',
  'alert-partition-intersection',
  'dumpcerts',
]
const unsupportedOn = [
  'bytecode',
  'scan-mail',
  'heuristic-alerts',
  'scan-pe',
  'scan-elf',
  'scan-ole2',
  'scan-pdf',
  'scan-swf',
  'scan-html',
  'scan-xmldocs',
  'scan-hwp3',
  'scan-onenote',
  'scan-archive',
  'scan-image',
  'scan-image-fuzzy-hash',
]

/** Not supported and with a value: the values that mean stock's default, as its manual gives them. */
const unsupportedValued: Readonly<Record<string, readonly string[]>> = {
  'fail-if-cvd-older-than': [],
  'bytecode-timeout': ['10000'],
  statistics: ['none'],
  'structured-ssn-format': ['0'],
  'structured-ssn-count': ['3'],
  'structured-cc-count': ['3'],
  'structured-cc-mode': ['0'],
  'max-embeddedpe': ['40M', '40m', '41943040'],
  'max-htmlnormalize': ['40M', '40m', '41943040'],
  'max-htmlnotags': ['8M', '8m', '8388608'],
  'max-scriptnormalize': ['20M', '20m', '20971520'],
  'max-ziptypercg': ['1M', '1m', '1048576'],
  'max-partitions': ['50'],
  'max-iconspe': ['100'],
  'max-rechwp3': ['16'],
  'pcre-match-limit': ['100000'],
  'pcre-recmatch-limit': ['2000'],
  'pcre-max-filesize': ['100M', '100m', '104857600'],
}

export interface UnsupportedOption {
  /** Whether the next argument is its value when none stands behind an equals sign. */
  readonly needsValue: boolean
  /** Values that ask for nothing but the default. */
  readonly accepted: readonly string[]
}

/** Every option of stock clamscan that is not supported here, by its long name. */
export const unsupported: ReadonlyMap<string, UnsupportedOption> = new Map<string, UnsupportedOption>([
  ...unsupportedOff.map((name) => [name, { needsValue: false, accepted: off }] as const),
  ...unsupportedOn.map((name) => [name, { needsValue: false, accepted: on }] as const),
  ...Object.entries(unsupportedValued).map(
    ([name, accepted]) => [name, { needsValue: true, accepted }] as const,
  ),
])
