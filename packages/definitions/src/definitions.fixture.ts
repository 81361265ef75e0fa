/** A small set that has something of everything in it, and ways to spoil it, for tests of the reader and its checks. */
import { compileDefinitions } from './compile.ts'
import { seal } from './join-sections.ts'
import { header, sectionNames } from './layout.ts'

const files = [
  {
    name: 'local.ndb',
    text: [
      'Test.Literal:0:*:6576696c2d6279746573',
      'Test.Anchored:1:128,64:4d5a??90{3}0?0300{4-8}(B)fffe(61|6263|64??)65(00|01)66*7a!(6162|6364)6566(W)',
      'Test.End:6:EOF-16,8:65[1-4]6c6f6e67(L)!(B)6e616d65[2]66{200-}746865(01|02)656e64!(L)',
    ].join('\n'),
  },
  {
    name: 'local.ldb',
    text: [
      'Test.Logical;Engine:51-255,Target:0;0&(1|2)>2,2;6f6e65;0,64:74776f;7468726565{4-8}666f7572',
      'Test.Absent;Engine:51-255,Target:6,FileSize:100-200,EntryPoint:0-99,Container:CL_TYPE_ZIP;0=0&1<3;6f6e65::iwaf;EOF-9:74776f',
    ].join('\n'),
  },
  {
    name: 'local.hdb',
    text: '44d88612fea8a8f36de82e1278abb02f:68:Test.Md5\n44d88612fea8a8f36de82e1278abb02f:*:Test.Any:73',
  },
  {
    name: 'local.hsb',
    text: [
      '3395856ce81f2b7382dee72602f798b642f14140:68:Test.Sha1',
      '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f:68:Test.Sha256',
      '131f95c51cc819465fa1797f6ccacf9d494aaaff46fa3eac73ae63ffbdfd8267:69:Test.Other',
    ].join('\n'),
  },
  { name: 'local.mdb', text: '512:44d88612fea8a8f36de82e1278abb02f:Test.Section' },
  { name: 'local.msb', text: '512:3395856ce81f2b7382dee72602f798b642f14140:Test.Section-7' },
  { name: 'local.imp', text: '44d88612fea8a8f36de82e1278abb02f:68:Test.Imports-4294967295' },
  { name: 'local.cdb', text: 'Test.Entry:CL_TYPE_ZIP:*:(?i)^[a-z]+\\.exe$:*:1-99:1:*:ff00:*' },
  {
    name: 'local.ftm',
    text: '0:0:4d5a:MZ:CL_TYPE_ANY:CL_TYPE_MSEXE\n1:0,64:3c68(54|74)6d6c*3e{1-9}3c:H:CL_TYPE_TEXT_ASCII:CL_TYPE_HTML:1',
  },
  {
    name: 'local.crb',
    text: [
      `Test.Signer;1;${'5a'.repeat(20)};${'6b'.repeat(20)};${'c7'.repeat(128)};010001;1;1;1;7;`,
      `Test.Blocked;0;${'4d'.repeat(20)};;c1d2e3;;0;0;0;;a comment`,
    ].join('\n'),
  },
  { name: 'local.pdb', text: 'H:bank.example\nR:.+:.+\\.bank\\.example' },
  { name: 'local.wdb', text: 'M:a.example:bank.example\nX:.+:.+\\.example' },
  { name: 'local.gdb', text: `S1:F:${'1f'.repeat(32)}\nS:W:${'2e'.repeat(32)}\nS2:F:${'2e'.repeat(32)}` },
  { name: 'local.fp', text: 'd41d8cd98f00b204e9800998ecf8427e:1:Test.Allowed' },
]

/** Compiles that set: about 2 KB. */
export function smallSet(): Uint8Array {
  const descriptions = {
    'Test.Literal': { severity: 'low', description: 'Bytes that say they are evil.' },
  } as const
  const { bytes, summary } = compileDefinitions({
    version: 'small-1',
    createdAt: '2026-11-24T00:00:00Z',
    files,
    descriptions,
  })
  if (summary.refused.length > 0) throw new Error(JSON.stringify(summary.refused))
  return bytes
}

/** Gives the changed bytes of the small set the digests that fit them, as whoever holds a mirror could. */
export function sealed(bytes: Uint8Array): Uint8Array {
  seal(bytes, chunksAt)
  return bytes
}

const chunksEntry = header.sectionTable + sectionNames.indexOf('chunks') * header.sectionEntryBytes
/** Where the small set has its digests: a spoilt section table would say otherwise. */
const chunksAt = new DataView(smallSet().buffer).getUint32(chunksEntry, true)
