// What a sync is worth where stores are made: the file system, and how long the disk takes for one block. A figure of a store in memory
// says nothing of one that must survive.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface SyncNow {
  readonly sync: string
  /** Milliseconds of one fdatasync, the median of some. */
  readonly syncMs: number
}

// statfs(2): tmpfs and ramfs.
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6])
const SYNCS = 21
const BLOCK = Buffer.alloc(4_096, 1)

/** `folder` must be there. */
export function syncNow(folder: string): SyncNow {
  const isInMemory = IN_MEMORY.has(statfsSync(folder).type)
  return {
    sync: isInMemory ? 'none: the store lies in memory' : 'fdatasync of every group commit',
    syncMs: Math.round(medianMs(folder) * 1e3) / 1e3,
  }
}

function medianMs(folder: string): number {
  const probe = mkdtempSync(join(folder, 'sync-'))
  const file = openSync(join(probe, 'probe'), 'w')
  try {
    // Room first, as the journal makes it: a file that grows takes longer.
    for (let index = 0; index < SYNCS; index++) writeSync(file, BLOCK, 0, BLOCK.length, index * BLOCK.length)
    fdatasyncSync(file)
    const took = Array.from({ length: SYNCS }, (_, index) => {
      const startedMs = performance.now()
      writeSync(file, BLOCK, 0, BLOCK.length, index * BLOCK.length)
      fdatasyncSync(file)
      return performance.now() - startedMs
    })
    return took.sort((a, b) => a - b)[SYNCS >>> 1] as number
  } finally {
    closeSync(file)
    rmSync(probe, { recursive: true, force: true })
  }
}
