// What may be reported next of an actor, by whom, and what stands in its way: from the chart, one row per event. Pure.

import type { Actor } from '../../engine/actors.ts'
import { entityText } from '../../engine/answers.ts'
import type { Steppers } from '../../engine/judge.ts'
import { ownerObstacle } from '../../engine/ownership.ts'
import type { Candidate } from '../../engine/transition.ts'
import type { Obstacle } from '../../machines/chart.ts'
import type { CanonicalEvent } from '../../machines/event.ts'
import type { EntityKind } from '../../machines/ids.ts'
import type { OwnerRule } from '../../machines/owners.ts'
import type { Source } from '../../machines/sources.ts'
import { type ActorView, actorViews } from './actors.ts'
import { isWorthwhile, isWorthwhileLate } from './worthwhile.ts'

export interface NextAction {
  readonly entity: string
  readonly kind: EntityKind
  readonly event: string
  readonly owner: OwnerRule
  readonly sources: readonly string[]
  readonly target: string | undefined
  readonly blockedBy: readonly Blocker[]
}

export interface Blocker {
  readonly guard: string
  readonly code: string
  readonly reason: string
  readonly waitsFor?: { readonly event: string; readonly owner: OwnerRule }
}

export interface Around {
  readonly steppers: Steppers
  readonly sources: readonly Source[]
}

/** Moves of `view` alone. What can never become legal again, and what would neither tell anything new nor put anything right, is left out. */
export function nextActionsOf(view: ActorView, { steppers, sources }: Around): readonly NextAction[] {
  const { actor, family, key, kind } = view
  const stepper = steppers[kind]
  const moves = stepper
    .moves(actor.state)
    .filter(({ event, meta }) => meta.owner !== 'any' && isWorthwhile(view, event))
  const late = stepper.lateMoves(actor.state).filter(({ event }) => isWorthwhileLate(view, event))
  return onePerEvent([...moves, ...late]).flatMap((candidate): readonly NextAction[] => {
    const obstacles = obstaclesOf(candidate, actor, stepper.chart.gates)
    if (obstacles.some(([, { verdict }]) => verdict !== 'waits')) return []
    return [
      {
        entity: entityText(key, family.id),
        kind,
        event: candidate.event,
        owner: candidate.meta.owner,
        sources: sources.filter(source => mayReport(candidate.event, source, view)).map(({ id }) => id),
        target: candidate.target?.split('.').at(-1),
        blockedBy: obstacles.map(([guard, { code, reason, waitsFor }]) => ({ guard, code, reason, waitsFor })),
      },
    ]
  })
}

/** Those of the order, its shipments and its returns. */
export const familyActions = (order: ActorView, around: Around): readonly NextAction[] =>
  [order, ...actorViews(order.family, 'shipment'), ...actorViews(order.family, 'return')].flatMap(view =>
    nextActionsOf(view, around),
  )

/** Several candidates of one event are one move; the first that goes somewhere tells where. */
function onePerEvent(candidates: readonly Candidate[]): readonly Candidate[] {
  const byEvent = new Map<string, Candidate>()
  for (const candidate of candidates) {
    const known = byEvent.get(candidate.event)
    if (known === undefined || (known.target === undefined && candidate.target !== undefined))
      byEvent.set(candidate.event, candidate)
  }
  return [...byEvent.values()]
}

type Gates = Readonly<Record<string, (context: never) => Obstacle | undefined>>

/** Every gate that is shut now, as far as that can be said without the event's data. */
function obstaclesOf(candidate: Candidate, actor: Actor, gates: Gates): readonly (readonly [string, Obstacle])[] {
  return candidate.gates.flatMap(gate => {
    const obstacle = gates[gate]?.(actor.context as never)
    return obstacle === undefined ? [] : [[gate, obstacle] as const]
  })
}

/** The rule an event would be judged by looks at its type, its source and the actor only. */
const mayReport = (type: string, source: Source, { actor, order }: ActorView): boolean =>
  source.role !== 'operator' && ownerObstacle({ type } as CanonicalEvent, source, actor, order) === undefined
