// Files: all that the journal and the checkpoint ask of a file system, so that a test can hand them a failing one.
// Everything rejects with the system's own error (a code such as ENOSPC); nothing is retried.

export interface Files {
  /** Makes this process the folder's only owner until released or dead. Rejects with StoreRefused `store_locked` when it has one. */
  claim(directory: string): Promise<Claim>
  /** What a copy of the folder does not share with it: its inode number. */
  identity(directory: string): Promise<string>
  /** Makes the folder and those above it; nothing when it is there. */
  makeDirectory(directory: string): Promise<void>
  /** Names in the folder, in no order; empty when there is no such folder. */
  list(directory: string): Promise<readonly string[]>
  /** `create` fails when the file exists; `update` and `read` when it does not. */
  open(path: string, mode: OpenMode): Promise<OpenFile>
  /** All bytes of a small file; undefined when it does not exist. */
  readWhole(path: string): Promise<Uint8Array | undefined>
  rename(from: string, to: string): Promise<void>
  /** A second name for the same file; rejects where the file system cannot. */
  link(from: string, to: string): Promise<void>
  /** Nothing when it is not there. */
  remove(path: string): Promise<void>
  /** Makes the names in the folder durable. */
  syncDirectory(directory: string): Promise<void>
}

export type OpenMode = 'create' | 'update' | 'read'

export interface OpenFile {
  size(): Promise<number>
  /** Fills `target` from `offset` of the file; returns how many bytes there were. */
  read(target: Uint8Array, offset: number): Promise<number>
  /** Returns how many bytes were written: fewer than given is a short write, and it is the caller's to treat as failed. */
  write(bytes: Uint8Array, offset: number): Promise<number>
  /** fdatasync. Once it has rejected, what the file holds is unknown: never call it again. */
  sync(): Promise<void>
  close(): Promise<void>
}

export interface Claim {
  release(): Promise<void>
}

/** Writes all of `bytes` or rejects: a short write is an error here. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, offset: number): Promise<void> {
  const written = await file.write(bytes, offset)
  if (written !== bytes.length) throw new ShortWrite(written, bytes.length)
}

/** The bytes from `offset` to `offset + length`, or as many as there are. */
export function readUpTo(file: OpenFile, offset: number, length: number): Promise<Uint8Array> {
  return readInto(file, offset, new Uint8Array(length))
}

/** Fills `target` from `offset` on; that part of it for which there were bytes. */
export async function readInto(file: OpenFile, offset: number, target: Uint8Array): Promise<Uint8Array> {
  let filled = 0
  while (filled < target.length) {
    const count = await file.read(target.subarray(filled), offset + filled)
    if (count === 0) break
    filled += count
  }
  return target.subarray(0, filled)
}

/**
 * Puts `bytes` under `path` so that a reader finds all of them or what was there before, also after a power cut.
 * The file is written under another name, synced, renamed, and its folder synced.
 */
export async function replaceFile(files: Files, directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const fresh = `${directory}/${name}.fresh`
  await files.remove(fresh)
  const file = await files.open(fresh, 'create')
  try {
    await writeAll(file, bytes, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await files.rename(fresh, `${directory}/${name}`)
  await files.syncDirectory(directory)
}

export class ShortWrite extends Error {
  readonly code = 'short_write'
  constructor(written: number, wanted: number) {
    super(`wrote ${written} of ${wanted} bytes`)
  }
}
