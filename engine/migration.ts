// Migration: a family whose actors stand under older charts, as it is under today's (E11). Pure.
import type { ActorKey } from '../machines/ids.ts'
import type { Actor } from './actors.ts'
import { type ActorChange, changedContext, changeOf } from './entry.ts'
import type { Family } from './family.ts'
import type { Steppers } from './transition.ts'
import { Quarantine } from './world.ts'

/** `family` with every actor under today's chart. Throws Quarantine where there is no way across. */
export function migrated(family: Family, steppers: Steppers): Family {
  if (isToday(family, steppers)) return family
  let { actors } = family
  for (const actor of family.actors.all) {
    if (isCurrent(actor, steppers)) continue
    const { chart } = steppers[actor.kind]
    const moved = actor.chart < chart.version ? chart.migrate?.(actor.state, actor.context) : undefined
    if (moved === undefined)
      throw new Quarantine(family.id, `no way from ${actor.kind} chart ${actor.chart} to ${chart.version}`)
    actors = actors.with({ ...actor, ...moved, chart: chart.version })
  }
  return { ...family, actors }
}

function isToday({ actors }: Family, steppers: Steppers): boolean {
  const { order, others } = actors
  if (order !== undefined && !isCurrent(order, steppers)) return false
  for (let index = 0; index < others.length; index++) if (!isCurrent(others[index] as Actor, steppers)) return false
  return true
}

const isCurrent = ({ chart, kind }: Actor, steppers: Steppers): boolean => chart === steppers[kind].chart.version

/** `changes`, and every actor that came under another chart since the family's last entry, whole (E11). */
export function withMigrated(stored: Family, today: Family, changes: readonly ActorChange[]): readonly ActorChange[] {
  if (stored === today) return changes
  const changed = new Set(changes.map(change => change.key))
  const moved = (key: ActorKey) => stored.actors.get(key) !== today.actors.get(key)
  const whole = (change: ActorChange): ActorChange => {
    const set = changedContext(today.actors.get(change.key)?.context ?? {}, change) as ActorChange['set']
    return {
      ...change,
      was: stored.actors.get(change.key)?.state,
      set,
      merge: undefined,
      elements: undefined,
      inserts: undefined,
      isWhole: true,
    }
  }
  const others = today.actors.all.filter(({ key }) => moved(key) && !changed.has(key))
  return [
    ...changes.map(change => (moved(change.key) && today.actors.has(change.key) ? whole(change) : change)),
    ...others.map(actor => changeOf(stored.actors.get(actor.key), actor)),
  ]
}
