/**
 * ClamAV's names of file types (manual, "ClamAV File Types", and those that clamscan 1.4.6 takes beside them), as .cdb and .ftm
 * lines hold them.
 */
import { Refusal } from './pattern.ts'

const names = new Set(
  `7Z 7ZSFX ALZ ANY APM ARJ ARJSFX AUTOIT BINARY_DATA BINHEX BZ CABSFX CPIO_CRC CPIO_NEWC CPIO_ODC CPIO_OLD CRYPTFF DMG EGG
  EGGSFX ELF GIF GPT GRAPHICS GZ HTML HTML_UTF16 HWP3 HWPOLE2 IGNORED INTERNAL ISHIELD_MSI ISO9660 JAVA JPEG LHA_LZH LNK MACHO
  MACHO_UNIBIN MAIL MBR MHTML MSCAB MSCHM MSEXE MSOLE2 MSSZDD NULSFT OLD_TAR ONENOTE OOXML_HWP OOXML_PPT OOXML_WORD OOXML_XL
  PART_ANY PART_HFSPLUS PDF PNG POSIX_TAR PS PYTHON_COMPILED RAR RARSFX RIFF RTF SCRENC SCRIPT SFX SIS SWF TEXT_ASCII
  TEXT_UTF16BE TEXT_UTF16LE TEXT_UTF8 TIFF TNEF UDF UUENCODED XAR XDP XML_HWP XML_WORD XML_XL XZ ZIP ZIPSFX`
    .split(/\s+/)
    .map((name) => `CL_TYPE_${name}`),
)

/** Checks a type's name. Throws Refusal. */
export function clamavType(text: string): string {
  if (!names.has(text)) throw new Refusal(`"${text}" is not a file type`)
  return text
}
