/**
 * `coreward man`: the manual page, made of the commands themselves, so that it never falls behind. The form is man(7)'s macros.
 */
import type { Command, Option } from 'commander'

/** What the page and the help say besides the commands, each with its meaning. */
export const manualTexts = {
  exitCodes: [
    ['0', 'done; a scan found nothing and looked at everything'],
    ['1', 'something was detected'],
    ['2', 'the command failed'],
    ['3', 'nothing was detected, but not everything could be scanned'],
  ],
  environment: [
    ['COREWARD_DATA_FOLDER', 'used where --data-folder is not given'],
    ['COREWARD_ENROLLMENT_TOKEN', 'the one-time token for enroll; it is read from standard input otherwise'],
  ],
  examples: [
    ['coreward scan /srv/www', 'scans a web root and reports what is found'],
    ['coreward scan quick --quarantine', 'scans what matters most and moves what is found to quarantine'],
    ['coreward quarantine restore ID', 'puts a file back where it was'],
    ['coreward status --output json', 'tells how this host is, for a program'],
  ],
} as const satisfies Record<string, readonly (readonly [term: string, meaning: string])[]>

/** Terms and meanings in two columns, for the help. */
export function inColumns(texts: readonly (readonly [term: string, meaning: string])[]): string {
  const width = Math.max(...texts.map(([term]) => term.length))
  return texts.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`).join('\n')
}

/** The page's source, for `man -l -`. */
export function manualPage(program: Command): string {
  const name = program.name()
  return [
    `.TH ${name.toUpperCase()} 8 "" "Coreward ${program.version()}" "Coreward"`,
    '.SH NAME',
    `${name} \\- ${escaped(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${name}`,
    '.RI [ options ] " command " [ arguments ]',
    '.SH OPTIONS',
    ...optionsOf(program),
    '.SH COMMANDS',
    ...commandsBelow(program, ''),
    '.SH EXIT STATUS',
    ...manualTexts.exitCodes.flatMap(([code, meaning]) => tagged(`\\fB${code}\\fR`, meaning)),
    '.SH ENVIRONMENT',
    ...manualTexts.environment.flatMap(([variable, meaning]) => tagged(`\\fB${variable}\\fR`, meaning)),
    '.SH EXAMPLES',
    ...manualTexts.examples.flatMap(([command, meaning]) => tagged(`\\fB${escaped(command)}\\fR`, meaning)),
    '',
  ].join('\n')
}

function commandsBelow(command: Command, path: string): string[] {
  const commands = command.createHelp().visibleCommands(command)
  return commands
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => {
      const place = path === '' ? each.name() : `${path} ${each.name()}`
      if (each.commands.length > 0) return commandsBelow(each, place)
      const words = each.registeredArguments.map((argument) => `<${argument.name()}>`)
      return [
        `.SS "${escaped([place, ...words].join(' '))}"`,
        `${escaped(sentence(each.description()))}`,
        ...optionsOf(each).slice(0, -helpLines),
      ]
    })
}

function optionsOf(command: Command): string[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .flatMap((option) => tagged(`\\fB${escaped(option.flags)}\\fR`, describe(option)))
}

function describe({ description, argChoices, defaultValue }: Option): string {
  const more = [
    argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`],
    defaultValue === undefined || defaultValue === false ? [] : [`default: ${defaultValue}`],
  ].flat()
  return more.length === 0 ? description : `${description} (${more.join('; ')})`
}

function tagged(tag: string, text: string): string[] {
  return ['.TP', tag, escaped(sentence(text))]
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}

/** The option for help, which is every command's last, is told once. */
const helpLines = 3

/** A dash would become a hyphen, and a backslash, or a full stop or quote at a line's start, a request (groff_man(7)). */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
}
