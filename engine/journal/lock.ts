// Lock: one owner per store (E10), in two layers.
//   claimDirectory   A name in the system that dies with its process, also under kill -9, and holds while that is paused. On
//                    Linux an abstract unix socket named after the folder's device and inode. Elsewhere: a named pipe on
//                    Windows, which does the same; a socket file in the folder on macOS and BSD, taken over when nobody
//                    answers on it, which leaves a gap of microseconds between two that start at once.
//   LOCK             What the claim cannot see (the folder shared between containers or machines) shows by the epoch: who
//                    opens writes a higher one before it reads the journal, and the writer looks after each sync.

import { stat, unlink } from 'node:fs/promises'
import { createConnection, createServer, type Server } from 'node:net'
import { platform } from 'node:os'
import { crc32 } from 'node:zlib'
import { type Claim, type Files, replaceFile } from './files.ts'
import { StoreRefused } from './store-refused.ts'

export const LOCK_NAME = 'LOCK'

/** What LOCK says. A format of its own, JSON, so that a person can read it. */
export interface LockRecord {
  readonly storeId: string
  readonly epoch: number
  /** Inode of the folder when it was opened; a copy of the folder has another. */
  readonly inode: string
  /** Whether the store's first segment was ever durable: before that, missing segments are no loss. */
  readonly established: boolean
}

/** What is in LOCK; undefined when there is none or it cannot be understood. */
export async function readLock(files: Files, directory: string): Promise<LockRecord | undefined> {
  const bytes = await files.readWhole(`${directory}/${LOCK_NAME}`)
  return bytes === undefined ? undefined : parseLock(bytes)
}

/** Durable when it resolves. */
export async function writeLock(files: Files, directory: string, lock: LockRecord): Promise<void> {
  await replaceFile(files, directory, LOCK_NAME, new TextEncoder().encode(lockText(lock)))
}

/** The whole file. A flipped digit of the epoch shows nowhere else than in `crc`. */
export function lockText(lock: LockRecord): string {
  const fields = fieldsOf(lock)
  return JSON.stringify({ ...fields, crc: crc32(JSON.stringify(fields)) }) + '\n'
}

/** As it was before there was a `crc`: as good, and read as well. */
export const olderLockText = (lock: LockRecord): string => JSON.stringify(fieldsOf(lock)) + '\n'

const fieldsOf = ({ epoch, established, inode, storeId }: LockRecord) => ({
  format: 1,
  storeId,
  epoch,
  inode,
  established,
})

/** Owns `directory`, which must exist, until released or until the process ends. */
export async function claimDirectory(directory: string): Promise<Claim> {
  const name = await socketName(directory)
  const server = await listening(name, directory)
  server.unref()
  return { release: () => new Promise(resolve => server.close(() => resolve())) }
}

function parseLock(bytes: Uint8Array): LockRecord | undefined {
  try {
    const { storeId, epoch, inode, established } = JSON.parse(new TextDecoder().decode(bytes)) as Partial<LockRecord>
    if (typeof storeId !== 'string' || typeof inode !== 'string' || typeof established !== 'boolean') return undefined
    return typeof epoch === 'number' && Number.isSafeInteger(epoch) ? { storeId, epoch, inode, established } : undefined
  } catch {
    return undefined
  }
}

async function socketName(directory: string): Promise<string> {
  const { dev, ino } = await stat(directory, { bigint: true })
  if (platform() === 'linux') return `\0ordertwin-${dev}-${ino}`
  if (platform() === 'win32') return `\\\\.\\pipe\\ordertwin-${dev}-${ino}`
  return `${directory}/owner.sock`
}

async function listening(name: string, directory: string): Promise<Server> {
  try {
    return await listen(name)
  } catch (cause) {
    if (!isInUse(cause)) throw cause
    if (!isSocketFile(name) || (await answers(name))) throw lockedBy(directory, cause)
    await unlink(name)
    return await listen(name)
  }
}

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(socket => socket.destroy())
    server.once('error', reject)
    server.listen({ path, exclusive: true }, () => resolve(server))
  })
}

function answers(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = createConnection({ path })
    socket.once('connect', () => resolve(socket.destroy() !== undefined))
    socket.once('error', () => resolve(false))
  })
}

function isInUse(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
}

function isSocketFile(name: string): boolean {
  return name.startsWith('/') || name.startsWith('.')
}

function lockedBy(directory: string, cause: unknown): StoreRefused {
  return new StoreRefused('store_locked', directory, 'another process has this store open', cause)
}
