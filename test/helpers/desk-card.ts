// The order card in tests.
import { cardOf, type OrderCard } from '../../engine/card/card.ts'
import type { HeardSource } from '../../engine/card/freshness.ts'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import { steppersOf } from '../../engine/judge.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { Desk } from './desk.ts'
import { msAt } from './desk.ts'
import { SOURCES } from './distributor.ts'

const steppers = steppersOf(CHARTS)
const heard: readonly HeardSource[] = SOURCES.map(source => ({ source }))

/** The card of `order` at a clock time. Throws where there is no such order. */
export function cardAt(desk: Pick<Desk, 'facts'>, order: string, clock: string | number): OrderCard {
  const card = cardOf(desk.facts(order), { policies: DEFAULT_POLICIES, nowMs: msAt(clock), steppers, heard })
  if (card === undefined) throw new Error(`there is no order ${order}`)
  return card
}
