/**
 * The machine's own processor as an oracle for the emulator's: runs instructions with given registers, flags and memory, 32-bit or 64-bit, and
 * tells what became of them. A small program without a C library is compiled by gcc for it; `nativeProcessor` says why there is none.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const CODE_ADDRESS = 0x20000000
export const DATA_ADDRESS = 0x20010000
export const DATA_BYTES = 256
const CODE_BYTES = 48

export interface ProcessorState {
  /** ax cx dx bx sp bp si di; sixteen in 64-bit code. */
  readonly registers: readonly bigint[]
  readonly flags: number
  readonly data: Uint8Array
}

export interface InstructionCase extends ProcessorState {
  /** At most 48 bytes, run from the first to behind the last. */
  readonly code: Uint8Array
}

/** Registers go through `state`, the record that was read; the code is followed by a jump to `back`. */
const source = `
typedef unsigned char u8; typedef unsigned long word;
#ifdef __x86_64__
#define COUNT 16
#define SUFFIX "q"
static word call(word n, word a, word b, word c, word d, word e, word f) {
  register word r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f; word r;
  __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return r; }
#define READ 0
#define WRITE 1
#define MAP 9
#define EXIT 60
#else
#define COUNT 8
static word call(word n, word a, word b, word c, word d, word e, word f) {
  word r; word args[6] = {a, b, c, d, e, f};
  __asm__ volatile("pushl %%ebp; movl 20(%%esi), %%ebp; movl 16(%%esi), %%edi; movl 0(%%esi), %%ebx; movl 4(%%esi), %%ecx;"
    "movl 8(%%esi), %%edx; movl 12(%%esi), %%esi; int $0x80; popl %%ebp" : "=a"(r) : "a"(n), "S"(args) : "ebx", "ecx", "edx", "edi", "memory");
  return r; }
#define READ 3
#define WRITE 4
#define MAP 192
#define EXIT 1
#endif
struct record { word registers[COUNT]; word flags; word length; u8 code[${CODE_BYTES}]; u8 data[${DATA_BYTES}]; };
struct record state; word kept; void run(void); extern char back[];
#ifdef __x86_64__
#define SAVE(i, r) "movq %" r ", state+" #i "*8\\n"
#define LOAD(i, r) "movq state+" #i "*8, %" r "\\n"
__asm__("run: pushq %rbx; pushq %rbp; pushq %r12; pushq %r13; pushq %r14; pushq %r15; movq %rsp, kept\\n"
  "pushq state+128; popfq\\n" LOAD(0, "rax") LOAD(1, "rcx") LOAD(2, "rdx") LOAD(3, "rbx") LOAD(4, "rsp") LOAD(5, "rbp") LOAD(6, "rsi")
  LOAD(7, "rdi") LOAD(8, "r8") LOAD(9, "r9") LOAD(10, "r10") LOAD(11, "r11") LOAD(12, "r12") LOAD(13, "r13") LOAD(14, "r14") LOAD(15, "r15")
  "movq $0, state+128\\n" "jmp *target\\n"
  "back:" SAVE(0, "rax") SAVE(1, "rcx") SAVE(2, "rdx") SAVE(3, "rbx") SAVE(4, "rsp") SAVE(5, "rbp") SAVE(6, "rsi") SAVE(7, "rdi") SAVE(8, "r8")
  SAVE(9, "r9") SAVE(10, "r10") SAVE(11, "r11") SAVE(12, "r12") SAVE(13, "r13") SAVE(14, "r14") SAVE(15, "r15")
  "movq kept, %rsp; pushfq; popq state+128; cld; popq %r15; popq %r14; popq %r13; popq %r12; popq %rbp; popq %rbx; ret\\n.data\\ntarget: .quad ${CODE_ADDRESS}\\n.text");
#else
#define SAVE(i, r) "movl %" r ", state+" #i "*4\\n"
#define LOAD(i, r) "movl state+" #i "*4, %" r "\\n"
__asm__("run: pushl %ebx; pushl %ebp; pushl %esi; pushl %edi; movl %esp, kept\\n"
  "pushl state+32; popfl\\n" LOAD(0, "eax") LOAD(1, "ecx") LOAD(2, "edx") LOAD(3, "ebx") LOAD(4, "esp") LOAD(5, "ebp") LOAD(6, "esi") LOAD(7, "edi")
  "jmp *target\\n"
  "back:" SAVE(0, "eax") SAVE(1, "ecx") SAVE(2, "edx") SAVE(3, "ebx") SAVE(4, "esp") SAVE(5, "ebp") SAVE(6, "esi") SAVE(7, "edi")
  "movl kept, %esp; pushfl; popl state+32; cld; popl %edi; popl %esi; popl %ebp; popl %ebx; ret\\n.data\\ntarget: .long ${CODE_ADDRESS}\\n.text");
#endif
static void copy(u8 *to, const u8 *from, word n) { while (n--) *to++ = *from++; }
void _start(void) {
  u8 *code = (u8 *)${CODE_ADDRESS}, *data = (u8 *)${DATA_ADDRESS};
  call(MAP, ${CODE_ADDRESS}, 0x20000, 7, 0x32, -1, 0);
  for (;;) {
    for (word got = 0; got < sizeof state;) {
      word n = call(READ, 0, (word)&state + got, sizeof state - got, 0, 0, 0);
      if (n == 0 || n > sizeof state) call(EXIT, 0, 0, 0, 0, 0, 0);
      got += n;
    }
    copy(code, state.code, state.length);
    code[state.length] = 0xe9;
    *(int *)(code + state.length + 1) = (int)((word)back - (word)code - state.length - 5);
    copy(data, state.data, ${DATA_BYTES});
    run();
    copy(state.data, data, ${DATA_BYTES});
    for (word put = 0; put < sizeof state;) put += call(WRITE, 1, (word)&state + put, sizeof state - put, 0, 0, 0);
  }
}
`

/** Runs cases one after the other; undefined where gcc or the kind of code is missing. */
export function nativeProcessor(
  bits: 32 | 64,
): ((cases: readonly InstructionCase[]) => readonly ProcessorState[]) | undefined {
  if (process.arch !== 'x64' || process.platform !== 'linux') return undefined
  const run = (cases: readonly InstructionCase[]) => {
    const folder = mkdtempSync(join(tmpdir(), 'coreward-native-'))
    try {
      writeFileSync(join(folder, 'run.c'), source)
      const options = [`-m${bits}`, ...'-O1 -static -nostdlib -ffreestanding -fno-pic -no-pie'.split(' ')]
      const options2 = ['-fcf-protection=none', '-fno-stack-protector', '-mno-red-zone']
      const built = spawnSync('gcc', [...options, ...options2, '-o', 'run', 'run.c'], { cwd: folder })
      if (built.status !== 0) throw new Error(`gcc: ${built.stderr}`)
      const input = Buffer.concat(cases.map((one) => record(one, bits)))
      const { stdout, signal } = spawnSync(join(folder, 'run'), {
        input,
        maxBuffer: 2 * input.length + 4096,
      })
      const bytes = input.length / Math.max(1, cases.length)
      const states = []
      for (let at = 0; at + bytes <= stdout.length; at += bytes)
        states.push(stateOf(stdout.subarray(at, at + bytes), bits))
      if (signal !== null)
        throw new Error(
          `${signal} in case ${states.length}: ${Buffer.from(cases[states.length]?.code ?? []).toString('hex')}`,
        )
      return states
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  try {
    const nothing = {
      registers: Array(bits / 4).fill(BigInt(DATA_ADDRESS + 128)),
      flags: 2,
      data: new Uint8Array(DATA_BYTES),
    }
    return run([{ ...nothing, code: Uint8Array.of(0x90) }]).length === 1 ? run : undefined
  } catch {
    return undefined
  }
}

function record({ registers, flags, data, code }: InstructionCase, bits: number): Buffer {
  const word = bits / 8
  const buffer = Buffer.alloc(word * (bits / 4 + 2) + CODE_BYTES + DATA_BYTES)
  const words = [...registers, BigInt(flags), BigInt(code.length)]
  for (const [index, value] of words.entries()) {
    if (word === 8) buffer.writeBigUInt64LE(BigInt.asUintN(64, value), 8 * index)
    else buffer.writeUInt32LE(Number(BigInt.asUintN(32, value)), 4 * index)
  }
  buffer.set(code, word * words.length)
  buffer.set(data, word * words.length + CODE_BYTES)
  return buffer
}

function stateOf(buffer: Buffer, bits: number): ProcessorState {
  const word = bits / 8
  const count = bits / 4
  const words = Array.from({ length: count + 1 }, (_, index) =>
    word === 8 ? buffer.readBigUInt64LE(8 * index) : BigInt(buffer.readUInt32LE(4 * index)),
  )
  const at = word * (count + 2) + CODE_BYTES
  return {
    registers: words.slice(0, count),
    flags: Number(words[count]),
    data: buffer.subarray(at, at + DATA_BYTES),
  }
}
