/**
 * `coreward completion`: completion scripts for shells, made of the commands themselves, so that they never fall behind. The scripts
 * ask nobody: they know words alone, and leave names of files to the shell.
 */
import type { Command } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** Words that may come after a path of commands; '' is the program itself. */
interface Place {
  readonly path: string
  readonly commands: readonly Command[]
  readonly words: readonly { readonly word: string; readonly description: string }[]
}

/** The script for a shell. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesBelow(program, '')
  if (shell === 'fish') return fish(places)
  if (shell === 'bash') return bash(places, '')
  return `autoload -U +X bashcompinit && bashcompinit\n${bash(places, '  emulate -L ksh\n')}`
}

function placesBelow(command: Command, path: string): Place[] {
  const commands = command.createHelp().visibleCommands(command)
  const own = [
    ...commands.map((each) => ({ word: each.name(), description: each.description() })),
    ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
      argChoices.map((word) => ({ word, description })),
    ),
    ...(path === 'scan' ? ['quick', 'full'].map((word) => ({ word, description: `a ${word} scan` })) : []),
    ...command
      .createHelp()
      .visibleOptions(command)
      .map(({ long, description }) => ({ word: long ?? '', description })),
  ]
  const below = commands.filter((each) => each.name() !== 'help')
  return [
    { path, commands: below, words: own },
    ...below.flatMap((each) => placesBelow(each, `${path} ${each.name()}`.trim())),
  ]
}

function bash(places: readonly Place[], first: string): string {
  const steps = places.flatMap(({ path, commands }) => commands.map((each) => `'${path}:${each.name()}'`))
  const cases = places.map(
    ({ path, words }) => `    '${path}') words='${words.map(({ word }) => word).join(' ')}' ;;`,
  )
  return `_coreward() {
${first}  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:$((COMP_CWORD-1))}"; do
    case "$path:$word" in
      ${steps.join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    --output) words='text json' ;;
    --data-folder|--to) words='' ;;
    *) case "$path" in
${cases.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _coreward coreward
`
}

function fish(places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&')}'`
  const lines = places.flatMap(({ path, commands, words }) => {
    const seen = path === '' ? [] : path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`)
    const below = commands.map((each) => each.name()).join(' ')
    const not = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`]
    const when = [...seen, ...not].join('; and ')
    return words.map(({ word, description }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`
      return `complete -c coreward -n ${quoted(when)} ${what} -d ${quoted(description)}`
    })
  })
  return `${lines.join('\n')}\n`
}
