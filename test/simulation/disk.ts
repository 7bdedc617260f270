// Simulated disk: MemoryFiles as one process sees it. Each call takes its time, may fail as disks fail, and is a moment at
// which the process may be killed, held, or lose its power. A full disk refuses only what makes a file longer.

import type { Random } from '../../connectors/simulated/random.ts'
import type { Claim, Files, OpenFile } from '../../engine/journal/files.ts'
import { StoreRefused } from '../../engine/journal/store-refused.ts'
import { MemoryFiles } from '../helpers/memory-files.ts'
import { type SimulatedProcess, ticks } from './process.ts'
import type { Swarm } from './swarm.ts'

type Kind = 'read' | 'write' | 'sync' | 'other'

// So many deaths a run, and so many failed calls: then it must come to an end.
const DEATHS_MAX = 10
const FAILURES_MAX = 8

export class SimulatedDisk {
  readonly files = new MemoryFiles()
  isFull = false
  /** No faults and no delays: checkers look, and the run ends. */
  isCalm = false
  private readonly held = new Set<SimulatedProcess>()
  private readonly owners = new Map<string, SimulatedProcess>()
  private readonly swarm: Swarm
  private readonly random: Random
  private deaths = 0
  private failures = 0

  constructor(swarm: Swarm, random: Random) {
    this.swarm = swarm
    this.random = random
  }

  /** The disk as `process` sees it. */
  seenBy(process: SimulatedProcess): Files {
    const { files } = this
    const before = (kind: Kind) => this.before(process, kind)
    return {
      claim: directory => this.claim(process, directory),
      identity: directory => files.identity(directory),
      makeDirectory: directory => files.makeDirectory(directory),
      list: async directory => {
        await before('other')
        return files.list(directory)
      },
      open: async (path, mode) => {
        await before('other')
        return this.opened(process, await files.open(path, mode))
      },
      readWhole: async path => {
        await before('read')
        return files.readWhole(path)
      },
      rename: async (from, to) => {
        await before('other')
        return files.rename(from, to)
      },
      link: async (from, to) => {
        await before('other')
        return files.link(from, to)
      },
      remove: async path => {
        await before('other')
        return files.remove(path)
      },
      syncDirectory: async directory => {
        await before('other')
        return files.syncDirectory(directory)
      },
    }
  }

  /** What a dead process leaves: its power may have gone, with any sector that was not synced. */
  settle(process: SimulatedProcess): void {
    process.die()
    for (const [directory, owner] of this.owners) if (owner === process) this.owners.delete(directory)
    const survivors = this.random.unit()
    if (!process.lostPower) return
    // The power goes for all on this machine.
    for (const other of this.held) other.die()
    this.files.crash(() => this.random.chance(survivors))
  }

  /** Whoever holds the folder has been declared dead by mistake: the next one gets it. */
  loseClaims(): void {
    this.owners.clear()
  }

  private async claim(process: SimulatedProcess, directory: string): Promise<Claim> {
    await process.passes()
    if (this.owners.has(directory)) throw new StoreRefused('store_locked', directory, 'somebody has this store open')
    this.owners.set(directory, process)
    return {
      release: async () => void (this.owners.get(directory) === process && this.owners.delete(directory)),
    }
  }

  private opened(process: SimulatedProcess, file: OpenFile): OpenFile {
    return {
      size: () => file.size(),
      read: async (target, offset) => {
        await this.before(process, 'read')
        return file.read(target, offset)
      },
      write: async (bytes, offset) => {
        await this.before(process, 'write')
        if (this.isFull && !this.isCalm && offset + bytes.length > (await file.size())) throw diskError('ENOSPC')
        if (this.fails('short_write')) return file.write(bytes.subarray(0, this.random.whole(bytes.length)), offset)
        return file.write(bytes, offset)
      },
      sync: async () => {
        await this.before(process, 'sync')
        if (!this.fails('sync_error')) return file.sync()
        // The pages are called clean and never reach the disk (reliability.md F3): MemoryFiles does it when told to fail.
        this.files.fault = ({ operation }) => (operation === 'sync' ? { kind: 'error', code: 'EIO' } : undefined)
        try {
          await file.sync()
        } finally {
          this.files.fault = () => undefined
        }
      },
      close: () => file.close(),
    }
  }

  /** One moment at which anything may happen to the process. */
  private async before(process: SimulatedProcess, kind: Kind): Promise<void> {
    await process.passes()
    if (this.isCalm) return
    if (this.swarm.strikes('slow_disk')) await ticks(1 + this.random.whole(3))
    if (this.isCalm) return process.passes()
    this.mayStop(process)
    await process.passes()
    if (kind === 'write' && this.fails('write_error')) throw diskError('EIO')
    if (kind === 'read' && this.fails('read_error')) {
      process.sawReadError = true
      throw diskError('EIO')
    }
  }

  private mayStop(process: SimulatedProcess): void {
    if (this.deaths >= DEATHS_MAX || !process.isAlive) return
    const { swarm } = this
    if (swarm.strikes('power_cut')) {
      process.lostPower = true
      process.die()
    } else if (swarm.strikes('kill')) process.die()
    else if (swarm.strikes('stale_writer')) {
      process.hold()
      this.held.add(process)
    } else return
    this.deaths++
  }

  private fails(fault: 'write_error' | 'short_write' | 'sync_error' | 'read_error'): boolean {
    if (this.isCalm || this.failures >= FAILURES_MAX || !this.swarm.strikes(fault)) return false
    this.failures++
    return true
  }
}

function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code })
}
