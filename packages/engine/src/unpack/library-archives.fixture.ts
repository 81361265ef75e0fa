/**
 * Archives for tests, packed by the library that opens them, and ones that no honest packer would make. Never imported by production code.
 */
import library, { type SevenZipModuleFactory } from '7z-wasm'

/** Its types name the module of CommonJS. */
const createSevenZip = library as unknown as SevenZipModuleFactory

/** Packs files with the program's command `a`; the archive's name in `options` tells the format unless they say otherwise. */
export async function packWithLibrary(
  name: string,
  files: Readonly<Record<string, Uint8Array>>,
  options: readonly string[] = [],
): Promise<Buffer> {
  const said: string[] = []
  const program = await createSevenZip({
    print: (line) => void said.push(line),
    printErr: (line) => void said.push(line),
  })
  for (const [path, content] of Object.entries(files)) {
    const folders = path.split('/').slice(0, -1)
    for (const index of folders.keys()) {
      const folder = folders.slice(0, index + 1).join('/')
      if (!program.FS.readdir('.').includes(folder)) program.FS.mkdir(folder)
    }
    const stream = program.FS.open(path, 'w+')
    program.FS.write(stream, content, 0, content.length)
    program.FS.close(stream)
  }
  program.callMain(['a', '-bd', ...options, name, ...Object.keys(files)])
  try {
    return Buffer.from(program.FS.readFile(name))
  } catch (error) {
    throw new Error(`not packed: ${said.join('\n')}`, { cause: error })
  }
}
