/** Where one goes after signing in: back to where one was, and never to another site. */

/** The address in `next`, when it is one of the console's own pages; the first page otherwise. */
export function nextAddress(next: string | null): string {
  if (next === null || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/'
  return next.startsWith('/sign-in') || next.startsWith('/setup') ? '/' : next
}
