/**
 * Names like those of official sets: platform, category and family, then a number that is never used twice. Few families have most of
 * the signatures, as in life: the family of rank r comes up in proportion to 1/r.
 */
import { pick, type Random } from './random-choices.ts'

const platforms = [
  'Win',
  'Win',
  'Win',
  'Win',
  'Win',
  'Unix',
  'Html',
  'Js',
  'Doc',
  'Xls',
  'Php',
  'Osx',
  'Andr',
  'Java',
  'Multios',
]
const categories = [
  'Trojan',
  'Malware',
  'Malware',
  'Worm',
  'Virus',
  'Adware',
  'Downloader',
  'Dropper',
  'Packed',
  'Ransomware',
  'Exploit',
  'Tool',
  'Coinminer',
  'Spyware',
]
const knownFamilies = [
  'Agent',
  'Generic',
  'Zusy',
  'Zbot',
  'Emotet',
  'Razy',
  'Upatre',
  'Mirai',
  'Gafgyt',
  'Virut',
  'Sality',
  'Ramnit',
  'Allaple',
  'Dridex',
  'Valyria',
  'Loadmoney',
  'Autoit',
  'Fareit',
  'Tofsee',
  'Kryptik',
]
const syllables = [
  'ba',
  'co',
  'dri',
  'el',
  'fu',
  'gra',
  'hy',
  'ix',
  'ka',
  'lo',
  'mer',
  'ni',
  'or',
  'pla',
  'qua',
  'ro',
  'sy',
  'tu',
  'vex',
  'zo',
]
const FAMILIES = 4_000
const STEMS = 1 << 16

/** Answers with the stem of the next name, `Win.Trojan.Agent-`; a number has to follow. */
export function stemsOf(random: Random): () => Buffer {
  const families = [...knownFamilies]
  while (families.length < FAMILIES) {
    const parts = Array.from({ length: 2 + (random() % 2) }, () => pick(random, syllables)).join('')
    families.push(parts[0]?.toUpperCase() + parts.slice(1))
  }
  const cumulative: number[] = []
  let total = 0
  for (let rank = 1; rank <= FAMILIES; rank++) {
    total += 1 / rank
    cumulative.push(total)
  }
  const family = () => {
    const wanted = (random() / 2 ** 32) * total
    return families[cumulative.findIndex((sum) => sum > wanted)] ?? 'Agent'
  }
  const stems = Array.from({ length: STEMS }, () =>
    Buffer.from(`${pick(random, platforms)}.${pick(random, categories)}.${family()}-`),
  )
  return () => pick(random, stems)
}
