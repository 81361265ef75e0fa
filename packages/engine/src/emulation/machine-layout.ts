/**
 * Where the emulator (packages/engine/emulator) keeps its processor's state in its memory, and what it ends with: numbers that its
 * AssemblyScript and its user here both read, so that each stands once. Addresses are in bytes.
 */

/** Sixteen general registers of 8 bytes, in the processor's order: ax cx dx bx sp bp si di r8 … */
export const REGISTERS = 1024
export const IP = 1152
/** The last result and the carries out of each of its bits, both moved up so that the sign is bit 63. */
export const FLAG_RESULT = 1160
export const FLAG_CARRIES = 1168
/** By how much they were moved; EXPLICIT when the flags stand in EXPLICIT_FLAGS. */
export const FLAG_SHIFT = 1176
export const EXPLICIT_FLAGS = 1180
/** The flags that no arithmetic changes: TF, DF, AC, ID. */
export const OTHER_FLAGS = 1184
/** Why the run ended, one of `stops`. */
export const STOP = 1188
/** The address that a fault was about. */
export const STOP_ADDRESS = 1192
/** 0 for reading, 1 for writing, 8 for running. */
export const STOP_ACCESS = 1200
/** 1 for 64-bit code. */
export const LONG_MODE = 1204
/** The base of the instruction's segment, 0 but for fs and gs. */
export const SEGMENT = 1208
export const FS_BASE = 1216
export const GS_BASE = 1224
/** 2, 4 or 8. */
export const ADDRESS_BYTES = 1232
export const REX = 1236
/** The decoded ModR/M: its register, the other register or NO_REGISTER, and then the address. */
export const MOD_REGISTER = 1240
export const RM_REGISTER = 1244
export const ADDRESS = 1248
/** The page that code is read from, where it lies here, and how it was before it was written. */
export const CODE_PAGE = 1256
export const CODE_HOST = 1264
export const CODE_PRISTINE = 1268
/** Set while changed code in this page is not known yet. */
export const CODE_WATCHED = 1272
/** The instruction before the one at IP, when changed code begins to run. */
export const FROM = 1280
/** Steps that the instruction cost beyond one. */
export const COST = 1288
export const PAGE_COUNT = 1292
export const REGION_COUNT = 1296
/** A write across a border of pages that is still in BOUNCE. */
export const PENDING_ADDRESS = 1304
export const PENDING_BYTES = 1312
/** Where the instruction's first byte lies here. */
export const CODE_START = 1316
/** How many pages it may take. */
export const PAGE_LIMIT = 1320
/** What rdtsc tells: instructions of former runs, and something for each reading. */
export const CLOCK = 1328

/** Control, status and tag word, the top of the stack, and eight registers of 8 bytes. */
export const X87_CONTROL = 1408
export const X87_STATUS = 1412
export const X87_TOP = 1416
export const X87_REGISTERS = 1424

/** Bytes of an instruction that lies in two pages. */
export const FETCH = 1536
export const BOUNCE = 1600
/** What faulting accesses read and write. */
export const NOWHERE = 1664
export const ZERO_PAGE = 4096
/** Two tables of translations, 1,024 entries of 16 bytes each: the page and 1; where it lies here. */
export const READ_TRANSLATIONS = 8192
export const WRITE_TRANSLATIONS = 24576
/** Places that may be read and written, 32 bytes each: first and last address. */
export const REGIONS = 40960
export const REGIONS_MAX = 512
/** Entries of 32 bytes by hash of their page: page and 1, where it lies, how it was, flags. Twice the pages that may be. */
export const PAGE_TABLE = 65536
export const PAGE_TABLE_LOG = 15
export const POOL = 65536 + 32 * 32768
export const PAGE_BYTES = 4096
export const PAGES_MAX = 16384

export const NO_REGISTER = 16
export const EXPLICIT = 255

/** Flags of a page: it has been written; changed code in it has run; it was there before the program ran. */
export const PAGE_WRITTEN = 1
export const PAGE_RAN = 2
export const PAGE_LOADED = 4

/** Why a run ended. */
export const STOP_NONE = 0
export const STOP_PAGE_FAULT = 1
export const STOP_DIVIDE = 2
export const STOP_BREAKPOINT = 3
export const STOP_INTERRUPT = 4
export const STOP_PRIVILEGED = 5
export const STOP_INVALID = 6
/** Valid on a real processor, not known here. */
export const STOP_UNSUPPORTED = 7
/** `int 0x2e` of 32-bit code, by which stubs call what the user emulates; STOP_ADDRESS has what is in eax. */
export const STOP_CALL = 8
export const STOP_SYSTEM_CALL = 9
/** Code that is not as it was loaded runs for the first time in its page. */
export const STOP_CHANGED_CODE = 10
export const STOP_MEMORY = 11
export const STOP_SINGLE_STEP = 12
export const STOP_OVERFLOW = 13
export const STOP_BOUND = 14
