/**
 * What is known of a signature beside its text: severity, category, and why it exists. Given by a sidecar for each name;
 * what the sidecar leaves out is told from the name, as ClamAV's names are built (Platform.Category.Name).
 */
import { DefinitionsError } from './definitions-error.ts'
import { type Severity, severities } from './layout.ts'

export interface SignatureDescription {
  readonly severity?: Severity
  /** A word in lower case with hyphens, as below. */
  readonly category?: string
  /** For people, in English: what it looks for, and why that is bad. */
  readonly description?: string
}

/** Descriptions by signature name. */
export type Descriptions = Readonly<Record<string, SignatureDescription>>

/** Unknown signatures count as this: whoever wrote one meant malware, and moderate would be played down. */
const DEFAULT_SEVERITY: Severity = 'high'

const DEFAULT_CATEGORY = 'malware'

const DESCRIPTION_MAX_CHARACTERS = 4000

/** The words of names, in lower case, that say what kind of thing is meant. */
const categoryWords: { readonly [word: string]: string } = {
  adware: 'adware',
  backdoor: 'backdoor',
  coinminer: 'coin-miner',
  downloader: 'dropper',
  dropper: 'dropper',
  exploit: 'exploit',
  'eicar-test-signature': 'test-file',
  keylogger: 'spyware',
  miner: 'coin-miner',
  packed: 'packed',
  persistence: 'persistence',
  phishing: 'phishing',
  pua: 'potentially-unwanted',
  ransomware: 'ransomware',
  reverseshell: 'reverse-shell',
  rootkit: 'rootkit',
  spyware: 'spyware',
  test: 'test-file',
  tool: 'hacking-tool',
  hacktool: 'hacking-tool',
  trojan: 'trojan',
  virus: 'virus',
  webshell: 'web-shell',
  worm: 'worm',
}

/** The category that a name states, `malware` when it states none. */
function categoryOfName(name: string): string {
  for (const word of name.toLowerCase().split('.')) {
    if (Object.hasOwn(categoryWords, word)) return categoryWords[word] ?? DEFAULT_CATEGORY
  }
  return DEFAULT_CATEGORY
}

/** Completes what the sidecar says of a name. Throws DefinitionsError `bad-input` for a severity or category that is none. */
export function describe(
  name: string,
  descriptions: Descriptions,
): { severity: Severity; category: string; description: string | undefined } {
  const given = Object.hasOwn(descriptions, name) ? descriptions[name] : undefined
  const { severity = DEFAULT_SEVERITY, category = categoryOfName(name), description } = given ?? {}
  if (!severities.includes(severity) || !/^[a-z][a-z-]{0,63}$/.test(category)) {
    throw new DefinitionsError(
      'bad-input',
      `The description of ${name} has severity "${severity}" and category "${category}"; give one of ` +
        `${severities.join(', ')} and a lower-case word.`,
    )
  }
  if (description !== undefined && description.length > DESCRIPTION_MAX_CHARACTERS) {
    throw new DefinitionsError(
      'bad-input',
      `The description of ${name} is longer than ${DESCRIPTION_MAX_CHARACTERS} characters; shorten it.`,
    )
  }
  return { severity, category, description }
}
