// StoreRefused: why a store's folder was not opened, as a code that the caller can act on.

export type StoreRefusal =
  /** Another process, or this one, has it open. */
  | 'store_locked'
  /** The folder is a copy, or its LOCK file is gone: opening it as well might make two writers. `adopt` says it is meant. */
  | 'store_copied'
  /** Written by a later version of us. */
  | 'store_too_new'
  /** Not enough room on the disk to open it; nothing was changed. */
  | 'store_no_space'
  /** Segments are being written anew: that must be finished before anybody copies them. */
  | 'store_half_retired'
  /** What is asked for was left out of a segment since: only an older backup has it. */
  | 'store_retired_since'
  /** Keys that entries name are not there or do not verify: what they seal cannot be read. `lostKeys` says to go on without. */
  | 'keys_lost'

export class StoreRefused extends Error {
  readonly code: StoreRefusal
  readonly directory: string
  constructor(code: StoreRefusal, directory: string, message: string, cause?: unknown) {
    super(`${message}: ${directory}`, { cause })
    this.code = code
    this.directory = directory
  }
}
