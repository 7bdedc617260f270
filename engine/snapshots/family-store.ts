// FamilyStore: packed families outside memory. A convenience, never an authority: all of it can be rebuilt from the journal,
// so nothing here is synced, and a value that is missing, damaged or old is simply not there (E9).
//   R1  A row is given back as it was written, under the key it was written to, or not at all.
//   R2  After a failed write the store has failed: it takes no more rows, and what it still gives back is verified as before.
//       It is opened anew to go on.

export interface StoredFamily {
  /** Position of the newest entry that `bytes` contain: whoever reads compares it with the directory's. */
  readonly head: number
  /** Positions of the family's entries before that, oldest first; undefined where they were not known. */
  readonly earlier: readonly number[] | undefined
  readonly bytes: Uint8Array
}

export interface FamilyRow extends StoredFamily {
  readonly key: string
}

export interface FamilyStore {
  /** Puts the rows, each in place of what its key had. False when the store has failed, now or before: none can be relied on. */
  write(rows: readonly FamilyRow[]): Promise<boolean>
  /** One per key, in that order; undefined where there is none that verifies. Never rejects while the store is open. */
  readMany(keys: readonly string[]): Promise<readonly (StoredFamily | undefined)[]>
  /** What the first write that failed said; undefined while none has. */
  failure(): unknown
  /** How many values were there but did not verify, or could not be read, since the store was opened. */
  unreadable(): number
  close(): Promise<void>
}
