import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diskFiles } from '../../../engine/journal/disk-files.ts'
import type { Files, OpenFile } from '../../../engine/journal/files.ts'
import { newJournalMemory, openMemoryJournal } from '../../../engine/journal/memory-journal.ts'
import { openSegmentJournal, type SegmentJournal } from '../../../engine/journal/segment-journal.ts'
import { type JournalWorld, journalContract } from '../../contracts/journal-contract.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'

// Larger than the largest commit of the contract, small enough that its random commits fill several.
const SEGMENT_BYTES = 4 * 1024 * 1024
const randomBytes = (count: number) => new Uint8Array(count).fill(7)
const unclaimed = async () => ({ release: async () => undefined })

journalContract('in memory', async () => {
  const memory = newJournalMemory()
  let failing = false
  const commit = async () => {
    if (!failing) return
    failing = false
    throw new Error('EIO')
  }
  const open = async () => openMemoryJournal({ memory, commit })
  return {
    open,
    openElsewhere: open,
    crash: async () => undefined,
    failNextCommit: () => {
      failing = true
    },
    dispose: async () => undefined,
  }
})

journalContract('segments on a simulated disk', async () => {
  const files = new MemoryFiles()
  const options = { directory: '/store', randomBytes, segmentBytes: SEGMENT_BYTES }
  return {
    open: () => openSegmentJournal({ ...options, files }),
    openElsewhere: () => openSegmentJournal({ ...options, files: withoutClaims(files) }),
    crash: async () => files.crash(),
    failNextCommit: how => {
      files.fault = ({ operation, path }) => {
        if (!path.endsWith('.segment') || operation !== (how === 'sync' ? 'sync' : 'write')) return undefined
        files.fault = () => undefined
        return how === 'short write' ? { kind: 'short', bytes: 200 } : { kind: 'error', code: 'EIO' }
      }
    },
    dispose: async () => undefined,
  }
})

journalContract('segments on a disk', async (): Promise<JournalWorld> => {
  const folder = await mkdtemp(join(tmpdir(), 'ordertwin-journal-'))
  const faults = new FaultyDisk()
  const opened: SegmentJournal[] = []
  const open = async (files: Files) => {
    const options = { directory: join(folder, 'store'), randomBytes, segmentBytes: SEGMENT_BYTES, files }
    const journal = await openSegmentJournal(options)
    opened.push(journal)
    return journal
  }
  const closeAll = async () => {
    for (const journal of opened.splice(0)) await journal.close()
  }
  return {
    open: () => open(faults.files),
    openElsewhere: () => open(withoutClaims(faults.files)),
    // A process that dies leaves what it wrote. That a crash loses the unsynced is for the simulated disk to show.
    crash: async () => {
      await closeAll()
      faults.next = undefined
    },
    failNextCommit: how => {
      faults.next = how
    },
    dispose: async () => {
      await closeAll()
      await rm(folder, { recursive: true })
    },
  }
})

/** The real disk, except that one commit fails: before anything is written, so that the outcome is the same each time. */
class FaultyDisk {
  next: 'write' | 'short write' | 'sync' | undefined
  readonly files: Files = {
    ...diskFiles,
    open: async (path, mode) => {
      const file = await diskFiles.open(path, mode)
      return mode === 'create' && path.includes('.segment') ? this.#faulty(file) : file
    },
  }

  #faulty(file: OpenFile): OpenFile {
    return {
      ...file,
      write: async (bytes, offset) => {
        const how = this.next
        if (how === undefined) return await file.write(bytes, offset)
        if (how === 'short write') return await file.write(bytes.subarray(0, 200), offset)
        if (how === 'write') throw new Error('EIO')
        return bytes.length
      },
      sync: async () => {
        if (this.next !== undefined) throw new Error('EIO')
        await file.sync()
      },
    }
  }
}

function withoutClaims(files: Files): Files {
  return new Proxy(files, {
    get: (target, name: keyof Files) => {
      if (name === 'claim') return unclaimed
      const member = target[name]
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
