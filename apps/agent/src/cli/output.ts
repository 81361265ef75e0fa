/**
 * Where a command's answer goes: text for people or one JSON document for programs on standard output; errors and progress
 * on standard error, always.
 */
import { type CallAgent, ControlError, controlClient } from './control-client.ts'
import { exitCode } from './exit-code.ts'

/** What every command is given. */
export interface CommandContext {
  readonly call: CallAgent
  readonly output: 'text' | 'json'
  readonly dataFolder: string
}

/** Prints an answer: `json` as it is, or the text made of it. */
export function printAnswer<T>(context: CommandContext, answer: T, toText: (answer: T) => string): void {
  const text = context.output === 'json' ? JSON.stringify(answer, null, 2) : toText(answer)
  process.stdout.write(`${text}\n`)
}

/** Runs a command and ends the process with its exit code; a failure is one line that names subject and remedy. */
export async function runCommand(
  options: { dataFolder: string; socketPath: string; output: 'text' | 'json' },
  command: (context: CommandContext) => Promise<number>,
): Promise<void> {
  const context = {
    call: controlClient(options.socketPath),
    output: options.output,
    dataFolder: options.dataFolder,
  }
  try {
    process.exitCode = await command(context)
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error))
    const code = failure instanceof ControlError ? failure.code : 'failed'
    if (options.output === 'json')
      process.stdout.write(`${JSON.stringify({ error: { code, message: failure.message } }, null, 2)}\n`)
    else process.stderr.write(`coreward: ${failure.message}\n`)
    process.exitCode = exitCode.error
  }
}
