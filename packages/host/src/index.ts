/**
 * What differs between systems: paths, users, privileges, descriptors, volumes.
 */
export * from './host-error.ts'
export * from './path-bytes.ts'
export * from './paths.ts'
