/** The whole way of a file through the engine, from its bytes to its verdict, with a small set. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { alertNames } from '../../../packages/engine/src/alerts/alerts.ts'
import { scanHere } from '../../../packages/engine/src/scanner.fixture.ts'
import { eicar, makeGzip, makeTar, makeZip } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { MAIL_HEADER, mailPart, multipart } from '../../../packages/engine/src/unpack/mails.fixture.ts'
import { makeOle2 } from '../../../packages/engine/src/unpack/ole2.fixture.ts'
import type { ScanResult } from '../../../packages/engine/src/verdict.ts'
import { fuzzLimits } from '../checked-source.ts'
import { type FuzzTarget, mustHold, type Outcome } from '../fuzz-target.ts'

const testFiles = '/usr/share/clamav-testfiles'

async function seeds(): Promise<Uint8Array[]> {
  const zip = makeZip([
    { name: 'a.com', data: eicar() },
    { name: 'b', data: Buffer.from('b') },
  ])
  const tar = await makeTar([{ name: 'c.zip', data: zip }])
  const part = mailPart('Content-Type: application/zip; name=c.zip', zip, 'base64')
  const files = existsSync(testFiles)
    ? readdirSync(testFiles).map((name) => readFileSync(join(testFiles, name)))
    : []
  return [
    eicar(),
    zip,
    tar,
    makeGzip(tar),
    Buffer.from(`${MAIL_HEADER}${multipart([part], 'b')}`, 'latin1'),
    makeOle2([{ name: 'a', data: zip }]),
    Buffer.from(`<html><script>a("b")</script><img src="data:a/b;base64,${zip.toString('base64')}">`),
    ...files,
  ]
}

function check({ verdict, bytes, bytesRead, sha256 }: ScanResult, input: Uint8Array): Outcome {
  mustHold(bytes === input.length, `the file has ${bytes} bytes`)
  const { outcome } = verdict
  if (outcome === 'clean') {
    mustHold(bytesRead === bytes, `clean though ${bytesRead} bytes of ${bytes} were read`)
    return outcome
  }
  for (const { reason, detail } of verdict.unscanned) {
    if (reason === 'timed-out') return undefined
    mustHold(reason !== 'crashed', `crashed: ${detail}`)
  }
  if (outcome === 'unscanned') mustHold(verdict.unscanned.length > 0, 'unscanned without a part')
  else
    mustHold(verdict.detections.length > 0 && sha256 !== undefined, 'infected without a detection or a hash')
  return JSON.stringify([verdict, sha256])
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'scan-file',
    longest: 8 * 1024,
    seeds,
    run: async (input) =>
      check(
        await scanHere({ bytes: input }, fuzzLimits, undefined, undefined, {
          alerts: alertNames,
          contents: true,
        }),
        input,
      ),
  },
]
