/** How whoever keeps definitions gets them: the way there is another's. */

/** Brings a target of the update repository to a file, whole and durable, and tells what its publisher said of it. */
export type DownloadTarget = (target: string, destination: string) => Promise<{ custom: unknown }>
