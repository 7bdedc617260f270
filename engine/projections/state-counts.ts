// StateCounts: how many actors are in each state, by kind and region.
import type { EntityKind } from '../../machines/ids.ts'
import { kindOf } from '../../machines/ids.ts'
import type { JournalEntry } from '../entry.ts'
import type { Steppers } from '../judge.ts'
import type { Projection } from './projection.ts'

export class StateCounts implements Projection {
  /** Whole state texts, few of them: regions are counted when asked. */
  private readonly counts: Record<EntityKind, Map<string, number>> = {
    order: new Map(),
    shipment: new Map(),
    return: new Map(),
  }

  fold(entry: JournalEntry): void {
    for (const { key, was } of entry.removes ?? [])
      this.counts[kindOf(key)].set(was, (this.counts[kindOf(key)].get(was) ?? 0) - 1)
    for (const { key, state, was } of entry.changes) {
      const counts = this.counts[kindOf(key)]
      if (was === state) continue
      if (was !== undefined) counts.set(was, (counts.get(was) ?? 0) - 1)
      counts.set(state, (counts.get(state) ?? 0) + 1)
    }
  }

  saved(): unknown {
    return Object.fromEntries(Object.entries(this.counts).map(([kind, counts]) => [kind, [...counts]]))
  }

  load(saved: unknown): void {
    for (const [kind, counts] of Object.entries(saved as Record<EntityKind, [string, number][]>))
      for (const [state, count] of counts) this.counts[kind as EntityKind].set(state, count)
  }

  /** Region → state → how many actors of `kind`. */
  of(kind: EntityKind, steppers: Steppers): Readonly<Record<string, Readonly<Record<string, number>>>> {
    const regions: Record<string, Record<string, number>> = {}
    for (const [text, count] of this.counts[kind])
      for (const [region, state] of Object.entries(steppers[kind].regionStates(text))) {
        regions[region] ??= {}
        regions[region][state] = (regions[region][state] ?? 0) + count
      }
    return regions
  }
}
