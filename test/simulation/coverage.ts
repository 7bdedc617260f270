// Coverage: what the runs came by. A simulation that does nothing finds nothing: the campaign asserts that it did.
import type { JournalEntry } from '../../engine/entry.ts'
import { CHARTS } from '../../machines/charts.ts'
import { kindOf } from '../../machines/ids.ts'
import type { Fault } from './swarm.ts'

export class Coverage {
  readonly counts: Map<string, number>

  constructor(counts: readonly (readonly [string, number])[] = []) {
    this.counts = new Map(counts)
  }

  count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by)
  }

  entry({ cause, changes, event, verdict }: JournalEntry): void {
    this.count(`verdict ${verdict}`)
    this.count(`event ${event.type}`)
    if (cause !== undefined) this.count('woken')
    for (const { key, state } of changes) {
      const { kind, regions } = CHARTS[kindOf(key)]
      state.split('.').forEach((leaf, index) => void this.count(`state ${kind} ${regions[index]} ${leaf}`))
    }
  }

  faults(struck: ReadonlyMap<Fault, number>): void {
    for (const [fault, times] of struck) this.count(`fault ${fault}`, times)
  }

  add(other: Coverage): void {
    for (const [name, times] of other.counts) this.count(name, times)
  }

  /** Those of `names` that never came. */
  missing(names: readonly string[]): readonly string[] {
    return names.filter(name => !this.counts.has(name))
  }

  names(prefix: string): readonly string[] {
    return [...this.counts.keys()].filter(name => name.startsWith(prefix)).sort()
  }
}
