// The keys of a store in memory, kept as long as its journal is.
import { randomBytes } from 'node:crypto'
import type { Journal } from '../../engine/journal/journal.ts'
import { type KeyFiles, openKeyFiles } from '../../engine/sealing/key-files.ts'
import { MemoryFiles } from './memory-files.ts'

const disks = new WeakMap<object, MemoryFiles>()

/** The disk that the keys of the store `of` are on. */
export function keyDisk(of: object): MemoryFiles {
  const known = disks.get(of)
  if (known !== undefined) return known
  const files = new MemoryFiles()
  disks.set(of, files)
  return files
}

/** `of` stands for the store: the same object, the same keys. */
export const memoryKeys = ({ epoch, storeId }: Journal, of: object = {}): Promise<KeyFiles> =>
  openKeyFiles({ files: keyDisk(of), directory: '/keys', storeId, epoch, randomBytes })
