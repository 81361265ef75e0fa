/**
 * The product's version, read once when the process starts, before privileges are dropped.
 */
import manifest from '../package.json' with { type: 'json' }

/** The agent's version, as in its package.json. */
export const productVersion: string = manifest.version
