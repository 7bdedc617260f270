// Coverage: which event types and which states of which regions traces have reached.

import { CHARTS } from '../../machines/charts.ts'
import { kindOf } from '../../machines/ids.ts'
import type { MemoryWorld } from './memory-world.ts'

export class Coverage {
  readonly eventTypes = new Map<string, number>()
  /** `order lifecycle accepted` → how often an entry led there. */
  readonly states = new Map<string, number>()

  add(world: MemoryWorld): void {
    for (const { changes, event, verdict } of world.entries) {
      if (verdict === 'accepted') count(this.eventTypes, event.type)
      for (const { key, state } of changes) {
        const { kind, regions } = CHARTS[kindOf(key)]
        state.split('.').forEach((leaf, index) => void count(this.states, `${kind} ${regions[index]} ${leaf}`))
      }
    }
  }
}

const count = (counts: Map<string, number>, name: string) => void counts.set(name, (counts.get(name) ?? 0) + 1)
