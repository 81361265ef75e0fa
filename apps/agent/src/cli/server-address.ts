/** The address of a server as it is given on the command line. */

/** Throws Error, with the form to give it in, when `text` is none. */
export function checkServerAddress(text: string): void {
  if (URL.parse(text)?.protocol !== 'https:')
    throw new Error(`${text} is not the address of a server; give it as https://HOST:8443`)
}
