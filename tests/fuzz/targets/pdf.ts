/** PDF documents. */
import { seededRandom } from '../../../packages/engine/src/match/random-signatures.fixture.ts'
import { latin1, makePdf } from '../../../packages/engine/src/pdf/pdf.fixture.ts'
import { unpackPdf } from '../../../packages/engine/src/pdf/pdf.ts'
import { randomDocument } from '../../../packages/engine/src/pdf/random-documents.fixture.ts'
import { runUnpacker } from '../checked-unpacker.ts'
import type { FuzzTarget } from '../fuzz-target.ts'

const encryption =
  '/ID [<00>] /Encrypt << /Filter /Standard /V 4 /R 4 /P -4 /O (oooooooooooooooooooooooooooooooo) /U (uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu) /StmF /StdCF /CF << /StdCF << /CFM /AESV2 >> >> >>'

export const targets: readonly FuzzTarget[] = [
  {
    name: 'pdf',
    seeds: () => [
      makePdf([], { trailer: encryption }),
      latin1(
        '%PDF-1.4\n1 0 obj\n<</Filter[/AHx/A85/LZW/RL/Fl]/DecodeParms[<</Predictor 2/Columns 3>>]>>stream\n30>\nendstream',
      ),
      ...Array.from({ length: 30 }, (_, seed) => randomDocument(seededRandom(seed)).bytes),
    ],
    words: [
      ' 0 obj\n',
      'endobj\n',
      'stream\n',
      '\nendstream\n',
      '<<',
      '>>',
      '/Length ',
      '/Filter ',
      '/FlateDecode',
      '/LZWDecode',
      '/DecodeParms << /Predictor 12 /Columns 4 >>',
      '/Type /ObjStm /N 2 /First 8',
      '/JS 4 0 R',
      '/EF << /F 4 0 R >>',
      'trailer',
      '/Encrypt ',
    ],
    run: (input) => runUnpacker(unpackPdf, input),
  },
]
