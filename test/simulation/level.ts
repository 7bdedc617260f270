// Simulated LevelDB: what it holds survives a process, not always a power cut, and is sometimes old, gone or flipped.
// Nothing it says is an authority (E9): whatever it does, the twin must be the same.
import type { Random } from '../../connectors/simulated/random.ts'
import type { FamilyStore } from '../../engine/snapshots/family-store.ts'
import { memoryFamilyStore } from '../../engine/snapshots/memory-family-store.ts'
import { type SimulatedProcess, ticks } from './process.ts'
import type { Swarm } from './swarm.ts'

export class SimulatedLevel {
  private readonly records = new Map<string, Uint8Array>()
  /** What was there once. */
  private readonly former = new Map<string, Uint8Array>()
  private readonly swarm: Swarm
  private readonly random: Random
  isCalm = false

  constructor(swarm: Swarm, random: Random) {
    this.swarm = swarm
    this.random = random
  }

  seenBy(process: SimulatedProcess, storeId: string): FamilyStore {
    const { records } = this
    const beforeWrite = () => {
      if (!this.isCalm && this.swarm.strikes('level_failing')) throw new Error('level: simulated')
    }
    const store = memoryFamilyStore({ storeId, records, beforeWrite })
    const pass = async () => {
      await process.passes()
      if (this.swarm.has('slow_disk') && !this.isCalm) await ticks(this.random.whole(4))
      await process.passes()
    }
    return {
      ...store,
      write: async rows => {
        await pass()
        for (const { key } of rows) this.remember(key)
        return store.write(rows)
      },
      readMany: async keys => {
        await pass()
        return store.readMany(keys)
      },
    }
  }

  /** What a new process finds is not what the last one left. */
  decay(lostPower: boolean): void {
    for (const [key, record] of [...this.records]) {
      const was = this.former.get(key)
      if (lostPower && this.random.chance(0.3)) this.records.delete(key)
      else if (this.swarm.has('level_missing') && this.swarm.strikes('level_missing')) this.records.delete(key)
      else if (was !== undefined && this.swarm.strikes('level_stale')) this.records.set(key, was)
      else if (this.swarm.strikes('level_flipped')) this.records.set(key, flipped(record, this.random))
    }
  }

  private remember(key: string): void {
    const record = this.records.get(key)
    if (record !== undefined) this.former.set(key, record)
  }
}

export function flipped(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice()
  if (copy.length === 0) return copy
  const at = random.whole(copy.length)
  copy[at] = (copy[at] as number) ^ (1 << random.whole(8))
  return copy
}
