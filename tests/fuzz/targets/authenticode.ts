/** Signatures of programs: the whole way in a PE file, and the signed data alone. */
import { type CertificateTable, compileDefinitions, openDefinitions } from '@coreward/definitions'
import { makeSignature, signPe } from '../../../packages/engine/src/authenticode/authenticode.fixture.ts'
import { crbLine, makeIdentity } from '../../../packages/engine/src/authenticode/certificates.fixture.ts'
import { SignatureError } from '../../../packages/engine/src/authenticode/element.ts'
import { judgeProgram } from '../../../packages/engine/src/authenticode/judge-program.ts'
import { readSignedData } from '../../../packages/engine/src/authenticode/signed-data.ts'
import { makePe } from '../../../packages/engine/src/structure/pe.fixture.ts'
import { checkedSource, fuzzBudget, isTimeOut } from '../checked-source.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const NOW = Date.parse('2026-06-01')

/** Made when first asked for: keys take a moment. */
let prepared: { readonly table: CertificateTable; readonly signed: Buffer; readonly bare: Buffer } | undefined

function prepare() {
  if (prepared !== undefined) return prepared
  const root = makeIdentity({ name: 'Root', isAuthority: true })
  const signer = makeIdentity({ name: 'Leaf', issuer: root, usages: ['code'] })
  const countersigner = makeIdentity({ name: 'Clock', issuer: root, usages: ['time'] })
  const blocked = makeIdentity({ name: 'Blocked' })
  const { bytes } = compileDefinitions({
    version: '1',
    createdAt: '2026-11-25T00:00:00Z',
    files: [
      {
        name: 'a.crb',
        text: [crbLine('T.Root', true, root), crbLine('T.Blocked', false, blocked)].join('\n'),
      },
    ],
  })
  const program = makePe({
    sections: [
      { rva: 0x1000, virtualSize: 0x1000, rawPointer: 0x400, rawSize: 0x200, data: Buffer.alloc(0x200, 'x') },
    ],
  })
  const item = {
    signer,
    embedded: [signer, root, countersigner, blocked],
    countersigner,
    countersignedAt: new Date(NOW),
  }
  const { certificates: table } = openDefinitions(bytes)
  prepared = { table, signed: signPe(program, item), bare: makeSignature(program, item) }
  return prepared
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'authenticode:program',
    longest: 12 * 1024,
    seeds: () => [prepare().signed],
    run(input) {
      try {
        const { blocked, trustedBut, shortfall } = judgeProgram(
          checkedSource(input),
          prepare().table,
          fuzzBudget().check,
          NOW,
        )
        if (trustedBut !== undefined) {
          const { offset, size } = trustedBut
          mustHold(
            offset > 0 && size > 0 && offset + size === input.length,
            'what is not trusted is not in the file',
          )
        }
        return [blocked.length, trustedBut?.offset, shortfall].join()
      } catch (error) {
        isTimeOut(error)
        return undefined
      }
    },
  },
  {
    name: 'authenticode:signed-data',
    longest: 8 * 1024,
    seeds: () => [prepare().bare],
    run(input) {
      try {
        const data = readSignedData(input)
        mustHold(data.length <= input.length, `${data.length} bytes of ${input.length}`)
        const { digest } = data.fileDigest()
        const { signed, unsigned } = data.signer()
        return [
          data.certificates.length,
          data.length,
          digest.toString('hex'),
          signed.size,
          unsigned.size,
        ].join()
      } catch (error) {
        if (!(error instanceof SignatureError)) throw error
        return error.message
      }
    },
  },
]
