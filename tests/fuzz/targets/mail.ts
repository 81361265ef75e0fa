/** Mails, alone and several in one file. */
import { seededRandom } from '../../../packages/engine/src/match/random-signatures.fixture.ts'
import { unpackMail } from '../../../packages/engine/src/unpack/mail.ts'
import {
  MAIL_HEADER,
  mailPart,
  multipart,
  randomMail,
  uuencoded,
} from '../../../packages/engine/src/unpack/mails.fixture.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

export const targets: readonly FuzzTarget[] = [
  {
    name: 'mail',
    seeds: () => [
      Buffer.from(`${MAIL_HEADER}\nx\n${uuencoded(Buffer.from('uuencoded'), 'a.bin')}`),
      Buffer.from(
        `From a@b\n${MAIL_HEADER}${multipart([mailPart('Content-Type: text/plain', 'text'), mailPart('Content-Type: message/rfc822', `${MAIL_HEADER}\ninner`)], 'b')}`,
      ),
      ...Array.from({ length: 40 }, (_, seed) => Buffer.from(randomMail(seededRandom(seed)).mail, 'latin1')),
    ],
    words: [
      '\n\n',
      '\r\n',
      '--b',
      '--b--',
      '\nFrom ',
      '=?utf-8?B?',
      '=?utf-8?Q?',
      '?=',
      'begin 644 a\n',
      'end\n',
      '=ybegin',
      'boundary=',
    ],
    run: (input) => runUnpacker(unpackMail, input),
  },
]
