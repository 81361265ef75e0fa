/**
 * An emulated Windows with one program in it: what its calls work on, and how a call goes. It decides nothing about what the program is.
 */

import type { ByteSource } from '../byte-source.ts'
import type { Machine } from './machine.ts'
import { createExceptions, type Exceptions } from './windows-exceptions.ts'
import { HANDLER_RETURN, LAST_HANDLER, START_RETURN } from './windows-functions.ts'
import { LIBRARY_LIST, STACK_END, THREAD_BLOCK } from './windows-layout.ts'
import { createLibraries, type Libraries } from './windows-libraries.ts'
import { createWindowsMemory, type WindowsMemory } from './windows-memory.ts'
import { createProcess, type LoadedImage, PROGRAM_NAME } from './windows-process.ts'

/** The program's own file, and where it is read next. */
export interface ProgramFile {
  readonly source: ByteSource
  position: number
}

export interface WindowsSystem {
  readonly machine: Machine
  readonly image: LoadedImage
  readonly libraries: Libraries
  readonly memory: WindowsMemory
  readonly exceptions: Exceptions
  readonly file: ProgramFile
  readonly state: { lastError: number }
  /** Where the command line stands. */
  readonly commandLine: number
  /** Instructions until now. */
  steps(): number
  /** RtlUnwind: the chain of handlers begins at this frame again. */
  unwind(frame: number): number
}

/** Answers with what goes into eax. The arguments are numbers without a sign. */
export type WindowsCall = (system: WindowsSystem, ...args: number[]) => number

/** Where the program's stack begins, and the frame of its last handler above, as in Windows XP: unpackers go back there. */
const FIRST_STACK = STACK_END - 0x38
const LAST_FRAME = STACK_END - 0x20

/** Windows around an image that is loaded, with the stack pointer set. */
export function createWindows(
  machine: Machine,
  image: LoadedImage,
  source: ByteSource,
  steps: () => number,
): WindowsSystem {
  const libraries = createLibraries(machine)
  createProcess(machine, image, libraries)
  const commandLine = LIBRARY_LIST + 0xd000
  machine.load(commandLine, Buffer.from(`"${PROGRAM_NAME}"\0`, 'latin1'))
  machine.setRegister(4, FIRST_STACK)
  const lastHandler = ownStub(libraries, LAST_HANDLER)
  machine.write32(LAST_FRAME, 0xffffffff)
  machine.write32(LAST_FRAME + 4, lastHandler)
  machine.write32(THREAD_BLOCK, LAST_FRAME)
  return {
    machine,
    image,
    libraries,
    memory: createWindowsMemory(machine, image.base + image.imageBytes),
    exceptions: createExceptions(machine, ownStub(libraries, HANDLER_RETURN), lastHandler),
    file: { source, position: 0 },
    state: { lastError: 0 },
    commandLine,
    steps,
    unwind: (frame) => Number(machine.write32(THREAD_BLOCK, frame)),
  }
}

function ownStub(libraries: Libraries, name: string): number {
  return libraries.find('kernel32')?.stubs.get(name) ?? 0
}

/** Calls a function of the program as the system does: its arguments and where it returns to on the stack. */
export function callProgram(system: WindowsSystem, address: number, args: readonly number[]): void {
  const { machine, libraries } = system
  const stack = machine.register(4) - 4 * (args.length + 1)
  const values = [ownStub(libraries, START_RETURN), ...args]
  for (const [index, value] of values.entries()) machine.write32(stack + 4 * index, value)
  machine.setRegister(4, stack)
  machine.ip = address
}
