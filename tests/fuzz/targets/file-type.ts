/** What a file is, by its first bytes, with and without a set's rules. */
import { compileDefinitions, openDefinitions } from '@coreward/definitions'
import { clamavTypeOf } from '../../../packages/engine/src/clamav-type.ts'
import { IDENTIFY_BYTES, identifyFileType } from '../../../packages/engine/src/file-type.ts'
import { identifyByRules } from '../../../packages/engine/src/type-rules.ts'
import { makeGzip, makeTar, makeZip } from '../../../packages/engine/src/unpack/archives.fixture.ts'
import { holdsMail } from '../../../packages/engine/src/unpack/mail-mark.ts'
import { checkedSource } from '../checked-source.ts'
import { type FuzzTarget, mustHold } from '../fuzz-target.ts'

const { bytes } = compileDefinitions({
  version: '1',
  createdAt: '2026-11-25T00:00:00Z',
  files: [
    {
      name: 'a.ftm',
      text: '0:0:4d5a:MZ:CL_TYPE_ANY:CL_TYPE_MSEXE\n1:0,64:3c68(54|74)6d6c*3e{1-9}3c:H:CL_TYPE_TEXT_ASCII:CL_TYPE_HTML:1',
    },
  ],
})
const { typeRules } = openDefinitions(bytes)

export const targets: readonly FuzzTarget[] = [
  {
    name: 'file-type',
    longest: IDENTIFY_BYTES,
    seeds: async () => [
      makeZip([{ name: 'a', data: Buffer.from('a') }]),
      makeGzip(Buffer.from('a')),
      await makeTar([{ name: 'a', data: Buffer.from('a') }]),
      Buffer.from('From a@b Mon\nReceived: x\nFrom: a@example.net\nSubject: y\n\nz'),
      Buffer.from('<!DOCTYPE html><html><script>a</script></html>'),
      Buffer.from('\ufeff<html></html>', 'utf16le'),
      Buffer.from('MZ\x90\0'.padEnd(0x80, '\0'), 'latin1'),
    ],
    run(input) {
      const own = identifyFileType(input)
      const ruled = identifyByRules(input, typeRules)
      mustHold(own.target >= 0 && ruled.target >= 0, 'a target is negative')
      const source = checkedSource(input)
      return [own.name, ruled.name, clamavTypeOf(own, source), holdsMail(source, own.name)].join()
    },
  },
]
