// Migration: a family whose actors stand under older charts, as it is under today's (E11). Pure.
import type { ActorKey } from '../machines/ids.ts'
import { copyOf } from '../machines/records.ts'
import { type ActorChange, changedContext, changeOf } from './entry.ts'
import type { Actor, Family } from './family.ts'
import type { Steppers } from './transition.ts'
import { Quarantine } from './world.ts'

/** `family` with every actor under today's chart. Throws Quarantine where there is no way across. */
export function migrated(family: Family, steppers: Steppers): Family {
  if (isToday(family, steppers)) return family
  const old = Object.entries(family.actors).filter(([, actor]) => actor.chart !== steppers[actor.kind].chart.version)
  const actors = copyOf(family.actors)
  for (const [key, actor] of old) {
    const { chart } = steppers[actor.kind]
    const moved = actor.chart < chart.version ? chart.migrate?.(actor.state, actor.context) : undefined
    if (moved === undefined)
      throw new Quarantine(family.id, `no way from ${actor.kind} chart ${actor.chart} to ${chart.version}`)
    actors[key] = { ...actor, ...moved, chart: chart.version }
  }
  return { ...family, actors }
}

function isToday({ actors }: Family, steppers: Steppers): boolean {
  for (const key in actors) {
    const { chart, kind } = actors[key] as Actor
    if (chart !== steppers[kind].chart.version) return false
  }
  return true
}

/** `changes`, and every actor that came under another chart since the family's last entry, whole (E11). */
export function withMigrated(stored: Family, today: Family, changes: readonly ActorChange[]): readonly ActorChange[] {
  if (stored === today) return changes
  const changed = new Set(changes.map(change => change.key))
  const moved = (key: ActorKey) => stored.actors[key] !== today.actors[key]
  const whole = (change: ActorChange): ActorChange => {
    const set = changedContext(today.actors[change.key]?.context ?? {}, change) as ActorChange['set']
    return {
      ...change,
      was: stored.actors[change.key]?.state,
      set,
      merge: undefined,
      numbers: undefined,
      isWhole: true,
    }
  }
  const others = Object.entries(today.actors).filter(([key]) => moved(key) && !changed.has(key))
  return [
    ...changes.map(change => (moved(change.key) && change.key in today.actors ? whole(change) : change)),
    ...others.map(([key, actor]) => changeOf(key, stored.actors[key], actor)),
  ]
}
