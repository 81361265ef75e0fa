/**
 * What differs between systems: paths, users, privileges, descriptors, volumes. Linux today; what needs it throws HostError
 * `unsupported` elsewhere.
 */
export * from './durable-file.ts'
export * from './host-error.ts'
export { DescriptorListener, type ListenOptions } from './linux/descriptor-listener.ts'
export { DescriptorSocket, type DescriptorSocketEvents } from './linux/descriptor-socket.ts'
export {
  type ExtendedAttribute,
  readExtendedAttributes,
  writeExtendedAttribute,
} from './linux/extended-attributes.ts'
export { renameWithoutReplacing, setFileTimes } from './linux/file-times.ts'
export { FolderReader, STATE_WORDS, stateOf } from './linux/folder-reader.ts'
export { giveBackFreedMemory } from './linux/freed-memory.ts'
export { MESSAGE_BYTES, MESSAGE_DESCRIPTORS } from './linux/message-buffer.ts'
export { dropPrivileges, forbidCoreFiles, forbidNewPrivileges } from './linux/privileges.ts'
export type { PeerUser } from './linux/socket-address.ts'
export * from './machine.ts'
export * from './mounts.ts'
export * from './path-bytes.ts'
export * from './paths.ts'
export * from './pss.ts'
export * from './service-users.ts'
