/**
 * What signatures may ask about a program's structure: where it begins to run, where its sections lie, their hashes
 * and that of its imports (ClamAV manual, "Body-based Signature Content Format", offsets EP, S and SL; "Hash-based
 * Signatures", PE sections and imports). All places are offsets into the content, in bytes, as ClamAV rounds them.
 * Nothing here throws for what a content holds: what cannot be made out is absent.
 */

export interface ExecutableSection {
  readonly offset: number
  /** Bytes in the content. Zero for a section that exists only in memory, whose offset may then be any number. */
  readonly size: number
}

export type SectionHashAlgorithm = 'md5' | 'sha1' | 'sha256'

export interface ImportHash {
  readonly md5: string
  /** Length of the text that was hashed; the second field of an .imp signature. */
  readonly length: number
}

export interface Executable {
  readonly format: 'pe' | 'elf' | 'mach-o'
  /**
   * Where the first instruction lies in the content; absent when the headers give none. In ELF and Mach-O files it may
   * lie behind the end, and counts so in ClamAV. Zero where ClamAV knows no entry point: object files and shared libraries without one, and Mach-O files for all processors but PowerPC.
   */
  readonly entryPoint: number | undefined
  readonly sections: readonly ExecutableSection[]
  /** What is wrong with the headers. Stock ClamAV takes no offset and no hash from a structure that carries this. */
  readonly damage: string | undefined
  /** Hexadecimal, in lower case; absent when there is no such section or it has no bytes. Reads the section each time. */
  sectionHash(index: number, algorithm: SectionHashAlgorithm): string | undefined
  /**
   * Where the strings of its version information stand, each at its key, in the order they are read. Read each time. Empty for a format
   * without such.
   */
  versionStrings(): readonly number[]
  /** Where its icons lie, as a PE file's resources have them, each once. Read each time. */
  iconPlaces(): Iterable<number>
  /** Computed when first asked for; absent for a format without such a hash or when it would take too many steps. */
  importHash(): ImportHash | undefined
}
