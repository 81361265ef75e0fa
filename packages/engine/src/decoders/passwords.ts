/**
 * Passwords that are tried on encrypted archives. They are those under which people send each other samples of malware, and those of
 * mails that want their attachment opened by hand and not by a scanner.
 */

/** Each costs up to a tenth of a second for an archive that is encrypted with none of them. */
export const defaultPasswords: readonly string[] = Object.freeze([
  'infected',
  'virus',
  'malware',
  'password',
  '1234',
  '12345',
  '123456',
])

/** More would make one encrypted archive use up its file's time. */
const MOST_PASSWORDS = 64
/** In characters: no packer takes more. */
const LONGEST_PASSWORD = 127

/** The passwords that are of any use, in order. */
export function usablePasswords(passwords: readonly string[]): readonly string[] {
  const usable = passwords.filter(
    (password) => password !== '' && password.length <= LONGEST_PASSWORD && !/\p{Cc}/u.test(password),
  )
  return [...new Set(usable)].slice(0, MOST_PASSWORDS)
}
