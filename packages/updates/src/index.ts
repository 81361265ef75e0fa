/**
 * What the rest of Coreward may use of updates: publishing definitions in a TUF repository, and fetching them safely.
 * It knows nothing of what a target holds, nor of which host gets which.
 */
export type { FetchFile } from './bounded-fetcher.ts'
export { openClient, type UpdateClient } from './client.ts'
export { createRepository, type NewRepository } from './create-repository.ts'
export { type NewTarget, publishTargets, refreshTimestamp } from './publisher.ts'
export {
  describeRepository,
  type RepositoryState,
  type TargetCustom,
  type TargetInfo,
} from './repository-state.ts'
export { UpdateError, type UpdateErrorCode } from './update-error.ts'
