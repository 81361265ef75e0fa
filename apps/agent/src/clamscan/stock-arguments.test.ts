import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ArgumentError, readStockArguments } from './stock-arguments.ts'

const refused = (args: string[], message: RegExp) =>
  assert.throws(
    () => readStockArguments(args),
    (error) => error instanceof ArgumentError && message.test(error.message),
  )

test('a switch takes its value behind an equals sign only, so that a path named no stays a path', () => {
  assert.deepEqual(readStockArguments(['--recursive=no', '--remove=yes', '--no-summary=no']), [
    '--no-recursive',
    '--remove',
    '--summary',
  ])
  assert.deepEqual(readStockArguments(['--recursive', 'no', '-ri']), ['--recursive', 'no', '-ri'])
  refused(['--remove=maybe'], /--remove takes yes or no/)
})

test('an option that takes a value takes the next argument, whatever it looks like', () => {
  assert.deepEqual(readStockArguments(['--exclude', '--remove', '-rd', '--gen-json', 'x']), [
    '--exclude=--remove',
    '-rd',
    '--gen-json',
    'x',
  ])
  refused(['--move'], /--move needs a value/)
})

test('long names may be cut short as long as one option is meant', () => {
  assert.deepEqual(readStockArguments(['--data=x', '--recurs']), ['--database=x', '--recursive'])
  refused(['--max-f=1'], /could be --max-filesize or --max-files/)
  refused(['--nonsense'], /--nonsense is unknown/)
})

test('an option that is not supported is named, unless it asks for its default', () => {
  for (const args of [
    ['--alert-broken-media'],
    ['--detect-structured=yes'],
    ['--scan-pe=no'],
    ['--bytecode-timeout', '5'],
  ])
    refused(args, new RegExp(`${args[0]} is not supported`))
  assert.deepEqual(
    readStockArguments([
      '--alert-broken-media=no',
      '--scan-pe=yes',
      '--scan-archive',
      '--bytecode-timeout=10000',
      'x',
    ]),
    ['x'],
  )
})

test('what stands behind -- is a path', () => {
  assert.deepEqual(readStockArguments(['-i', '--', '--gen-json']), ['-i', '--', '--gen-json'])
})
