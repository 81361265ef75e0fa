/** The command that enrols a host, as an administrator pastes it into that host's terminal. The one place that spells it. */

/**
 * `serverUrl` is where agents reach the server; `token` is shown this once. The token goes through standard input:
 * `printf` is part of the shell, so no process list on the host ever shows it.
 */
export function enrollCommand(serverUrl: string, token: string): string {
  return `printf %s ${token} | npx coreward enroll --server ${serverUrl}\nnpx coreward run`
}
