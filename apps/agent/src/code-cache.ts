/**
 * Compiled code, kept from one start to the next by Node (NODE_COMPILE_CACHE). Without it each process carries the compiler that makes
 * JavaScript of our sources, 20 MB of it, for as long as it lives. The launcher names the folder, which is root's alone where root runs the
 * agent: who writes there could give the guard other code.
 */
import { flushCompileCache } from 'node:module'

/** Set by the launcher for a process that is to load and compile its code and end. */
export const LOAD_ONLY = 'COREWARD_LOAD_ONLY'

/** To be called once everything is loaded, while this process may still write there. Ends the process if it was to load only. */
export function keepCompiledCode(): void {
  flushCompileCache()
  if (process.env[LOAD_ONLY] !== undefined) process.exit(0)
}
