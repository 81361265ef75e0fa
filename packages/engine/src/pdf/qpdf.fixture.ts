/** Documents encrypted by qpdf, where it is installed. Never imported by production code. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What a test says that is skipped; false where qpdf can be run. */
export const qpdfMissing: string | false =
  spawnSync('qpdf', ['--version']).status === 0 ? false : 'qpdf is not installed'

/** The length of the key and what else qpdf is told, for each way of encryption. */
export const qpdfMethods: Readonly<Record<string, readonly string[]>> = {
  'RC4 40': ['40'],
  'RC4 128': ['128', '--use-aes=n'],
  'RC4 128 of version 4': ['128', '--use-aes=n', '--force-V4'],
  'AES-128': ['128', '--use-aes=y'],
  'AES-128, plain metadata': ['128', '--use-aes=y', '--cleartext-metadata'],
  'AES-256': ['256'],
  'AES-256 of revision 5': ['256', '--force-R5'],
}

/** The document, encrypted. Throws what qpdf says against it. */
export function encryptedBy(
  method: string,
  document: Uint8Array,
  passwords: { readonly user: string; readonly owner: string },
): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'coreward-qpdf-'))
  const [from, to] = [join(folder, 'plain.pdf'), join(folder, 'encrypted.pdf')]
  const [bits = '', ...more] = qpdfMethods[method] ?? []
  const insecure = passwords.owner === '' ? ['--allow-insecure'] : []
  try {
    writeFileSync(from, document)
    const { status, stderr } = spawnSync(
      'qpdf',
      [
        '--allow-weak-crypto',
        '--static-id',
        '--stream-data=preserve',
        '--encrypt',
        passwords.user,
        passwords.owner,
        bits,
        ...more,
        ...insecure,
        '--',
        from,
        to,
      ],
      { encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`qpdf ended with ${status}: ${stderr}`)
    return readFileSync(to)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
