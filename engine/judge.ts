// Judge: what one event does to one family. Pure.
// It is judged on the facts known now. Where that says no and facts of later places are known, it is judged as of its own
// place and each place since (domain C2): what happened later forbids nothing that happened before.
import type { ActorKey, Place } from '../machines/ids.ts'
import { ABSENT, attempt, type Case, type Judged } from './attempt.ts'
import type { Family } from './family.ts'
import { meantIn } from './meaning.ts'
import { ownerObstacle } from './ownership.ts'
import { numberInUse } from './reasons.ts'
import type { Steppers } from './transition.ts'

export { type Steppers, steppersOf } from './transition.ts'

export type Moments = (place: Place) => Iterable<Family>

/** `counted` are the actors it is legal for: of several that share a number some may have taken it only later. */
export type Judgement =
  | (Extract<Judged, { kind: 'moved' }> & { readonly counted: readonly ActorKey[] })
  | Extract<Judged, { kind: 'obstacle' }>
  /** Legal as of then, but no step from here leads there: what it makes is only seen by folding the family anew. */
  | { readonly kind: 'afresh'; readonly counted: readonly ActorKey[] }

/** Judges `it` in `family`. `moments` gives the family as of a place and since; it is asked only when that matters. */
export function judge(steppers: Steppers, family: Family, it: Case, moments: Moments): Judgement {
  const now = attempt({ steppers, family, known: family, mode: 'judge' }, it)
  if (now.kind === 'moved') return counting(now, it.actors)
  if (it.event.place > family.lastPlace) return now
  let best = now.obstacle
  for (const then of moments(it.event.place)) {
    const actors = it.actors.length > 1 ? holding(it, then) : it.actors
    const tried = attempt({ steppers, family: then, known: family, mode: 'judge' }, { ...it, actors })
    if (tried.kind === 'moved') {
      const assumed = attempt({ steppers, family, known: family, mode: 'assume' }, { ...it, actors })
      return assumed.kind === 'moved' ? counting(assumed, actors) : { kind: 'afresh', counted: actors }
    }
    if (tried.obstacle.verdict === 'waits' && tried.obstacle.code !== ABSENT && best.verdict !== 'waits')
      best = tried.obstacle
  }
  return { kind: 'obstacle', obstacle: best }
}

/** A document its actors know already: it says nothing new, or what was said otherwise before; but only its owner may say it. */
export function repeated(
  family: Family,
  { actors, event, override, source }: Case,
  inUse?: string,
): Exclude<Judgement, { kind: 'afresh' }> {
  let bumped = family.actors
  for (const key of actors) {
    const actor = bumped.get(key)
    if (actor === undefined) continue
    const owner = family.actors.order?.context as never
    const obstacle = override === undefined ? ownerObstacle(event, source, actor, owner) : undefined
    if (obstacle?.verdict === 'not_owner') return { kind: 'obstacle', obstacle }
    bumped = bumped.with({ ...actor, version: actor.version + 1 })
  }
  if (inUse !== undefined) return { kind: 'obstacle', obstacle: numberInUse(inUse) }
  const moved = actors.filter(key => bumped.has(key))
  return { kind: 'moved', counted: [], actors: bumped, moved, changed: [], isLate: true }
}

const counting = (
  { actors, changed, isLate, moved }: Extract<Judged, { kind: 'moved' }>,
  counted: readonly ActorKey[],
): Judgement => ({ kind: 'moved', actors, moved, changed, isLate, counted })

/** Of the actors an event is about, those that held its number then. */
function holding({ actors, event, source }: Case, then: Family): readonly ActorKey[] {
  const held = meantIn(event, source, then).actors
  return actors.filter(key => held.includes(key))
}
