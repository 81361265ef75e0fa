/**
 * All entries of a folder, page by page.
 */
import type { FolderEntry } from './file-facts.ts'
import type { FileVerbs } from './file-verbs.ts'

/** Yields every entry of a folder; memory stays bounded by one page. Errors as FileVerbs.list. */
export async function* entriesOf(
  verbs: Pick<FileVerbs, 'list'>,
  folder: string,
): AsyncGenerator<FolderEntry, void, void> {
  let next: string | undefined
  do {
    const page = await verbs.list(folder, next)
    yield* page.entries
    next = page.next
  } while (next !== undefined)
}
