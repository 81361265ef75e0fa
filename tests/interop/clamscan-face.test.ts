import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { eicar, tarGzOf, zipOf } from '../fixtures/eicar.ts'

const root = join(import.meta.dirname, '../..')
const main = join(root, 'apps/agent/src/clamscan/main.ts')
const hasClamscan = spawnSync('clamscan', ['--version']).status === 0
const nobody = { uid: 65534, gid: 65534 }

interface Said {
  readonly code: number | null
  readonly stdout: string[]
  readonly stderr: string[]
}

interface Call {
  readonly cwd: string
  readonly input?: Buffer
  readonly asNobody?: boolean
}

/** Runs a program and takes what changes from run to run out of its lines: times, dates, versions. */
function run(command: string, args: readonly string[], { cwd, input, asNobody }: Call): Said {
  const user = asNobody === true && process.getuid?.() === 0 ? nobody : {}
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, input: input ?? '', ...user })
  const lines = (text: Buffer) =>
    text
      .toString()
      .split('\n')
      .filter((line) => !line.startsWith('LibClamAV '))
      .map((line) => line.replace(/^((?:Time|Start Date|End Date|Engine version):).*/, '$1'))
  return { code: status, stdout: lines(stdout), stderr: lines(stderr) }
}

const stock = (args: readonly string[], call: Call) => run('clamscan', args, call)
const ours = (args: readonly string[], call: Call) => run(process.execPath, [main, ...args], call)

describe('coreward-clamscan beside stock clamscan', {
  skip: hasClamscan ? false : 'clamscan is not installed',
}, () => {
  let folder = ''
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'coreward-clamscan-'))
    chmodSync(folder, 0o755)
    await fill(folder)
  })
  after(() => rmSync(folder, { recursive: true }))

  /** Both programs on the same arguments: exit code and lines on both streams are equal. */
  function same(args: readonly string[], call: Partial<Call> = {}): Said {
    const whole = ['-d', 'db', ...args]
    const theirs = stock(whole, { cwd: folder, ...call })
    assert.deepEqual(ours(whole, { cwd: folder, ...call }), theirs, whole.join(' '))
    return theirs
  }

  test('a folder, with and without its folders, in every way of printing', () => {
    assert.equal(same(['clean']).code, 0)
    for (const options of [
      [],
      ['-r'],
      ['-i'],
      ['-o'],
      ['-v'],
      ['--quiet'],
      ['--no-summary'],
      ['-ri'],
      ['-r', '-v'],
    ]) {
      assert.equal(same([...options, 'mixed', 'clean']).code, 1)
    }
    assert.equal(same(['--bell', 'mixed']).code, 1)
    same(['--recursive=no', '--infected=no', 'mixed/', './clean//one.txt'])
  })

  test('no path at all is the current folder', () => {
    const call = { cwd: join(folder, 'mixed') }
    assert.deepEqual(ours(['-d', '../db'], call), stock(['-d', '../db'], call))
  })

  test('a file in a zip in a tar.gz, and what is not infected in containers', () => {
    const { code, stdout } = same(['nested.tar.gz', 'eicar.zip', 'clean.zip'])
    assert.equal(code, 1)
    assert.match(stdout.join('\n'), /^nested\.tar\.gz: Eicar-Test-Signature\.UNOFFICIAL FOUND$/m)
  })

  test('folders on other file systems', {
    skip: existsSync('/dev/shm') ? false : '/dev/shm is not there',
  }, () => {
    const elsewhere = mkdtempSync('/dev/shm/coreward-clamscan-')
    try {
      mkdirSync(join(elsewhere, 'sub'))
      writeFileSync(join(elsewhere, 'sub/file'), 'fine')
      mkdirSync(join(folder, 'crossing'))
      symlinkSync(elsewhere, join(folder, 'crossing/link'))
      const links = ['--follow-dir-symlinks=2', '-r']
      for (const crossing of ['yes', 'no']) same([`--cross-fs=${crossing}`, ...links, 'crossing', elsewhere])
    } finally {
      rmSync(elsewhere, { recursive: true })
    }
  })

  test('an encrypted part alone is OK in both', () => {
    const zip = zipOf('secret.txt', Buffer.from('nothing to see, and long enough to be deflated'))
    writeFileSync(join(folder, 'encrypted.zip'), asEncrypted(zip))
    assert.equal(same(['encrypted.zip']).code, 0)
  })

  test('what no signature finds is named as in stock when that is asked for', () => {
    // The first bytes of a program: its headers are cut.
    writeFileSync(join(folder, 'cut.elf'), readFileSync(process.execPath).subarray(0, 300))
    const mixed = zipOf('eicar.com', eicar())
    writeFileSync(join(folder, 'secret.zip'), asEncrypted(zipOf('a.txt', Buffer.alloc(5000, 'secret'))))
    writeFileSync(join(folder, 'behind.zip'), Buffer.concat([eicar(), asEncrypted(mixed)]))
    for (const [...args] of [
      ['--alert-encrypted', 'secret.zip', 'clean.zip'],
      ['--alert-encrypted-archive', '--alert-encrypted-doc=no', 'secret.zip', 'mixed/eicar.com'],
      ['--alert-encrypted-doc', 'secret.zip'],
      ['--alert-encrypted', '--heuristic-scan-precedence', 'secret.zip', 'mixed/eicar.com'],
      ['--alert-broken', 'cut.elf', process.execPath, 'clean/one.txt'],
      ['--alert-exceeds-max', '--max-filesize=1K', 'long', 'eicar.zip'],
      ['--alert-exceeds-max', '--max-files=1', 'two.zip'],
      ['--alert-exceeds-max', '--max-recursion=1', 'eicar.zip'],
      ['--alert-exceeds-max', '--max-recursion=2', 'two.zip'],
      ['--alert-macros', '--disable-cache', 'clean.zip'],
      ['--normalize=no', '--nocerts', 'clean.zip'],
    ])
      same(['--no-summary', '-i', ...args])
    mkdirSync(join(folder, 'link-set'))
    writeFileSync(join(folder, 'link-set', 'a.pdb'), 'H:bank.com\n')
    const marked = Buffer.from('a marked text').toString('hex')
    writeFileSync(
      join(folder, 'link-set', 'a.ndb'),
      `Email.Phishing.A:0:*:${marked}\nTest.B:0:*:${eicar().toString('hex')}\n`,
    )
    const mail = (link: string) => `From: a\nContent-Type: text/html\n\n<html>${link} a marked text</html>\n`
    writeFileSync(join(folder, 'spoofed.eml'), mail('<a href="http://evil.net/">bank.com</a>'))
    writeFileSync(join(folder, 'ssl.eml'), mail('<a href="http://evil.net/">https://other.com</a>'))
    writeFileSync(join(folder, 'cloaked.eml'), mail('<a href="http://a%00.evil.net/">other.com</a>'))
    for (const options of [
      [],
      ['--phishing-sigs=no'],
      ['--phishing-scan-urls=no'],
      ['--phishing-sigs=no', '--phishing-scan-urls=no'],
      ['--phishing-sigs=no', '--alert-phishing-ssl', '--alert-phishing-cloak=yes'],
    ]) {
      const args = ['-d', 'link-set', '--no-summary', ...options, 'spoofed.eml', 'ssl.eml', 'cloaked.eml']
      assert.deepEqual(ours(args, { cwd: folder }), stock(args, { cwd: folder }), args.join(' '))
    }
    const found = (options: string[]) =>
      ours(['-d', 'db', '--no-summary', '--alert-encrypted', ...options, 'behind.zip'], { cwd: folder })
        .stdout
    assert.deepEqual(found([]), ['behind.zip: Eicar-Test-Signature.UNOFFICIAL FOUND', ''])
    assert.deepEqual(found(['-z'])[1], 'behind.zip: Heuristics.Encrypted.Zip FOUND')
    assert.deepEqual(found(['--heuristic-scan-precedence'])[0], 'behind.zip: Heuristics.Encrypted.Zip FOUND')
  })

  test('files are described in JSON as in stock, but for where stock unpacked them', () => {
    for (const [index, name] of ['two.zip', 'nested.tar.gz', 'long', 'eicar.zip'].entries()) {
      const described = [stock, ours].map((program, side) => {
        const temporary = join(folder, `json-${index}-${side}`)
        mkdirSync(temporary)
        const options = ['--gen-json', '--leave-temps', `--tempdir=${temporary}`, '-z', '--no-summary']
        program(['-d', 'db', ...options, name], { cwd: folder })
        const [own] = readdirSync(temporary)
        return JSON.parse(readFileSync(join(temporary, own ?? '', 'metadata.json'), 'utf8'), (key, value) =>
          key === 'FilePath' ? undefined : value,
        )
      })
      assert.deepEqual(described[1], described[0], name)
    }
  })

  test('links, by each way of following them', () => {
    for (const when of ['0', '1', '2'])
      same([
        `--follow-dir-symlinks=${when}`,
        `--follow-file-symlinks=${when}`,
        '-r',
        'links',
        'links/file',
        'links/folder',
      ])
  })

  test('what is missing, a pipe, a device, an empty file', () => {
    spawnSync('mkfifo', [join(folder, 'pipe')])
    for (const options of [[], ['-i'], ['--quiet'], ['--stdout']]) {
      assert.equal(same([...options, 'missing', 'clean/one.txt']).code, 2)
      assert.equal(same([...options, 'missing', 'mixed']).code, 1)
      same([...options, 'pipe', '/dev/null', 'mixed/empty', '/proc/version'])
    }
  })

  test('paths that are written in other ways', () => {
    assert.equal(same(['clean/one.txt/', 'mixed/eicar.com/x', '']).code, 2)
    same([
      '--follow-dir-symlinks=0',
      'links/folder/',
      './clean//',
      'clean/../clean',
      `${folder}//clean`,
      '--',
      '-x',
    ])
  })

  test('standard input, clean, infected and empty', () => {
    assert.equal(same(['-'], { input: Buffer.from('nothing') }).code, 0)
    assert.equal(same(['-'], { input: eicar() }).code, 1)
    assert.equal(same(['-', '--no-summary']).code, 0)
    same(['-', 'clean/one.txt'], { input: eicar() })
  })

  test('a list of files', () => {
    writeFileSync(join(folder, 'list'), 'clean/one.txt\nmixed\nmissing\neicar.zip\n')
    assert.equal(same(['-f', 'list']).code, 1)
    same(['-r', '--file-list=list', 'clean'])
  })

  test('expressions that leave out and take in', () => {
    for (const options of [
      ['--exclude=\\.txt$'],
      ['--exclude=one', '--exclude=e(mpty|icar)'],
      ['--include=\\.txt$'],
      ['--include=\\.txt$', '--exclude=two'],
      ['--exclude-dir=sub'],
      ['--exclude-dir=^mixed/sub/deep$', '-i'],
      ['--include-dir=mixed'],
      ['--include-dir=deep'],
      ['--include-dir=^mixed$', '-v'],
      ['--exclude=[[:digit:]]x|[^a-zA-Z0-9./-]'],
      ['--exclude=^mixed'],
      [`--exclude=^${folder}/mixed/one`, `--exclude-dir=^${folder}`],
      ['-i', '--include=eicar', '--exclude-dir=deep'],
      ['--exclude-dir=mixed'],
    ])
      same(['-r', ...options, 'mixed', 'mixed/one.txt'])
  })

  test('folders that may not be read, and files, told to one who may not', {
    skip: canRunAsNobody() ? false : 'the checkout cannot be read by another user',
  }, () => {
    const closed = join(folder, 'closed')
    mkdirSync(join(closed, 'folder'), { recursive: true })
    for (const name of ['secret', 'open']) writeFileSync(join(closed, name), 'secret')
    chmodSync(join(closed, 'secret'), 0)
    chmodSync(join(closed, 'folder'), 0)
    for (const options of [[], ['-i'], ['-r'], ['-r', 'mixed']])
      same([...options, 'closed', 'closed/secret', 'closed/folder'], { asNobody: true })
    assert.equal(same(['closed/secret'], { asNobody: true }).code, 2)
    assert.equal(same(['--remove', 'clean'], { asNobody: true }).code, 0)
    chmodSync(join(closed, 'folder'), 0o700)
  })

  test('the log', () => {
    const logged = (program: typeof ours, name: string, args: readonly string[]) => {
      program(['-d', 'db', '-l', name, ...args], { cwd: folder })
      return readFileSync(join(folder, name), 'utf8').replace(
        /^((?:Time|Start Date|End Date|Engine version):).*/gm,
        '$1',
      )
    }
    for (const [index, args] of [
      ['-r', 'mixed'],
      ['--quiet', 'mixed', 'missing'],
      ['-v', '-i', 'mixed'],
    ].entries())
      assert.equal(logged(ours, `our-${index}.log`, args), logged(stock, `stock-${index}.log`, args))
    assert.equal(logged(ours, 'our-0.log', ['clean']), logged(stock, 'stock-0.log', ['clean']))
  })

  test('databases that are missing, empty or several', () => {
    mkdirSync(join(folder, 'empty-db'))
    for (const args of [
      ['-d', 'missing'],
      ['-d', 'empty-db'],
      ['-d', 'db', '--database=missing'],
    ]) {
      const [theirs, mine] = [stock, ours].map((program) => program([...args, 'mixed'], { cwd: folder }))
      assert.equal(mine?.code, 2)
      assert.equal(theirs?.code, 2)
      assert.match(mine?.stderr.join('\n') ?? '', /^ERROR: (?:missing|empty-db)/)
      // How many signatures were loaded before the fault is told differently.
      const rest = (said: Said | undefined) =>
        said?.stdout.filter((line) => !line.startsWith('Known viruses'))
      assert.deepEqual(rest(mine), rest(theirs))
    }
    assert.equal(same(['-d', 'other.hdb', 'mixed']).code, 1)
  })

  test('arguments that cannot be used end with 2 and scan nothing', () => {
    for (const args of [
      ['--nonsense'],
      ['--exclude'],
      ['--max-filesize=abc'],
      ['--remove=maybe'],
      ['--follow-dir-symlinks=3'],
      ['--max-files=-1'],
      ['-q'],
    ]) {
      const [theirs, mine] = [stock, ours].map((program) => program(['mixed', ...args], { cwd: folder }))
      assert.deepEqual([mine?.code, mine?.stdout], [2, ['']], args.join(' '))
      assert.equal(theirs?.code, 2, args.join(' '))
    }
  })

  test('infected files are moved, copied and removed, and what is in the way is kept', () => {
    const files = ['in/one.com', 'in/two.txt']
    for (const [index, [targets, ...options]] of (
      [
        [['in/link'], '--move=kept'],
        [['in/link'], '--remove'],
        [files, '--move=kept'],
        [files, '--copy=kept'],
        [files, '--remove'],
        [files, '--remove=no'],
        [files, '--move', 'kept', '--remove'],
        [files, '--move=kept', '-i'],
        [files, '--copy=kept', '--quiet'],
      ] as [string[], ...string[]][]
    ).entries()) {
      const outcomes = [stock, ours].map((program, side) => {
        const cwd = join(folder, `act-${index}-${side}`)
        for (const name of ['in', 'kept']) mkdirSync(join(cwd, name), { recursive: true })
        writeFileSync(join(cwd, 'in/one.com'), eicar())
        writeFileSync(join(cwd, 'in/two.txt'), 'clean')
        writeFileSync(join(cwd, 'kept/one.com'), 'was here')
        symlinkSync('one.com', join(cwd, 'in/link'))
        const said = program(['-d', '../db', ...options, ...targets], { cwd })
        const stdout = said.stdout.map((line) => line.replaceAll(cwd, '/CWD'))
        return {
          ...said,
          stdout,
          in: readdirSync(join(cwd, 'in')).sort(),
          kept: readdirSync(join(cwd, 'kept')).sort(),
        }
      })
      assert.deepEqual(outcomes[1], outcomes[0], options.join(' '))
    }
  })

  test('with --allmatch the same names are found, also in containers', () => {
    const signatures = ['late', 'early', 'ended'].map(
      (word) => `Test.${word}:0:*:${Buffer.from(word).toString('hex')}`,
    )
    writeFileSync(join(folder, 'words.ndb'), `${signatures.join('\n')}\n`)
    writeFileSync(join(folder, 'words.txt'), 'early, late, ended')
    writeFileSync(join(folder, 'words.zip'), zipOf('words.txt', Buffer.from('late, early')))
    const [theirs, mine] = [stock, ours].map((program) => {
      const said = program(['-d', 'words.ndb', '-z', '--no-summary', 'words.txt', 'words.zip'], {
        cwd: folder,
      })
      return { code: said.code, names: [...new Set(said.stdout)].sort() }
    })
    assert.equal(mine?.names.length, 6)
    assert.deepEqual(mine, theirs)
  })

  test('what limits leave out is an ERROR here and OK as stock', () => {
    for (const args of [
      ['--max-filesize=1K', 'long'],
      ['--max-files=1', 'two.zip'],
      ['--max-recursion=1', 'eicar.zip'],
      ['cut.zip'],
      ['-r', '--max-dir-recursion=1', 'mixed/sub'],
    ]) {
      const [plain, asStock] = [args, ['--as-stock', ...args]].map((given) =>
        ours(['-d', 'db', '--no-summary', ...given], { cwd: folder }),
      )
      assert.equal(plain?.code, 2, args.join(' '))
      assert.match(plain?.stdout.join('\n') ?? '', / ERROR$/m)
      assert.deepEqual(asStock, stock(['-d', 'db', '--no-summary', ...args], { cwd: folder }), args.join(' '))
    }
  })
})

/** A zip of one entry that says its entry is encrypted (APPNOTE 4.4.4). */
function asEncrypted(zip: Buffer): Buffer {
  for (const signature of ['PK\x03\x04', 'PK\x01\x02']) {
    const header = zip.indexOf(signature, 0, 'latin1')
    zip[header + (signature.endsWith('\x04') ? 6 : 8)] = 1
  }
  return zip
}

/** Whether another user may run this checkout. */
function canRunAsNobody(): boolean {
  if (process.getuid?.() !== 0) return true
  return spawnSync(process.execPath, [main, '--version'], { cwd: '/', ...nobody }).status === 0
}

async function fill(folder: string): Promise<void> {
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  // One signature that the file itself matches and one that something in a container does.
  write('db/eicar.ndb', `Eicar-Test-Signature:0:0:${eicar().toString('hex')}\n`)
  write('other.hdb', 'aa15bcf478d165efd2065190eb473bcb:544:ClamAV-Test-File\n')
  write('clean/one.txt', 'one')
  write('clean/two.txt', 'two')
  write('mixed/one.txt', 'one')
  write('mixed/eicar.com', eicar())
  write('mixed/empty', '')
  write('mixed/sub/two.txt', 'two')
  write('mixed/sub/deep/eicar.com', eicar())
  write('mixed/sub/deep/three.txt', 'three')
  write('links/real/eicar.com', eicar())
  symlinkSync('../mixed/eicar.com', join(folder, 'links/file'))
  symlinkSync('../mixed/sub', join(folder, 'links/folder'))
  linkSync(join(folder, 'clean/one.txt'), join(folder, 'links/hard'))
  write('eicar.zip', zipOf('eicar.com', eicar()))
  write('clean.zip', zipOf('clean.txt', Buffer.from('nothing to see')))
  write('cut.zip', zipOf('a.txt', Buffer.alloc(5000, 'a')).subarray(0, -30))
  write('nested.tar.gz', await tarGzOf('site/inner.zip', zipOf('eicar.com', eicar())))
  write('long', Buffer.alloc(5000, 'long '))
  write('two.zip', zipOf('inner.zip', zipOf('clean.txt', Buffer.from('nothing to see'))))
  assert.ok(existsSync(main))
}
