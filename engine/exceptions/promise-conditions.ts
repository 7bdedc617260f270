// Promises: missed once the day has passed, at risk while what is left to do usually takes longer than there is time. Pure.
import { ORDER_KEY, type Place } from '../../machines/ids.ts'
import { type OrderContext, type OrderLine, promiseOf } from '../../machines/order/context.ts'
import { isMet } from '../../machines/order/derive.ts'
import { wantedOf } from '../../machines/quantities.ts'
import type { UsualDurations } from '../kpis/usual-durations.ts'
import { type Condition, condition, NOTHING_WRONG, type Predicate, type Surroundings } from './condition.ts'
import { type Facts, isOver, type OrderFacts } from './facts.ts'
import { isOfAny, LINE } from './line-sums.ts'

interface Promised {
  readonly line: string
  readonly promisedMs: number
  readonly place: Place
}

export const promiseConditions: Predicate = (facts, around) => {
  const { order } = facts
  if (order === undefined || order.sums.promisedMs === undefined || isOver(order)) return NOTHING_WRONG
  return isOfAny(order.sums, LINE.deliveryDue) ? promised(facts, order, around) : NOTHING_WRONG
}

function promised(facts: Facts, order: OrderFacts, { usual }: Surroundings): readonly Condition[] {
  const open = openPromises(order.context)
  if (open.length === 0) return NOTHING_WRONG
  const promisedMs = Math.min(...open.map(each => each.promisedMs))
  const first = open.filter(each => each.promisedMs === promisedMs)
  const lines = first.map(({ line }) => line)
  const evidence = [...new Set(first.map(({ place }) => place))]
  const missed = condition('promise_missed', {
    actor: ORDER_KEY,
    opensMs: promisedMs,
    detail: `promised for ${new Date(promisedMs).toISOString()} and not delivered: line ${lines.join(', ')}`,
    evidence,
    lines,
  })
  return [...atRisk(facts, { evidence, lines, promisedMs }, usual), missed]
}

function openPromises(order: OrderContext): readonly Promised[] {
  const open: Promised[] = []
  for (let index = 0; index < order.lines.length; index++) {
    const line = order.lines[index] as OrderLine
    const promisedMs = promiseOf(order, line)
    if (promisedMs === undefined) continue
    if (wantedOf(order.quantities, index) > 0 && !isMet(order, index, 'delivered'))
      open.push({ line: line.line, promisedMs, place: promisedPlace(order, line) })
  }
  return open
}

/** When it was promised: by the line's own amendment or capture, else by the order's. */
const promisedPlace = ({ capturedPlace, places }: OrderContext, { line, promisedAt }: OrderLine): Place =>
  (promisedAt === undefined ? places.promisedAt : places[`${line}.promisedAt`]) ?? capturedPlace

function atRisk(
  facts: Facts,
  { evidence, lines, promisedMs }: { evidence: readonly Place[]; lines: readonly string[]; promisedMs: number },
  usual: UsualDurations | undefined,
): readonly Condition[] {
  const left = usual === undefined ? undefined : usualLeft(facts, lines, usual)
  if (left === undefined) return []
  return [
    condition('promise_at_risk', {
      actor: ORDER_KEY,
      opensMs: promisedMs - left.ms,
      dueMs: promisedMs,
      detail: `promised for ${new Date(promisedMs).toISOString()}; ${left.words} usually takes ${hours(left.ms)}`,
      evidence,
      lines,
    }),
  ]
}

const hours = (ms: number): string => `${Math.round(ms / 3_600_000)} h`

/** How long what is left usually takes; the slowest part counts. Undefined where too little is known. */
function usualLeft({ order, shipments }: Facts, lines: readonly string[], usual: UsualDurations) {
  const parts: { ms: number | undefined; words: string }[] = shipments
    .filter(({ context, hasEnded }) => !hasEnded && context.lines.some(line => lines.includes(line)))
    .map(({ context, hasLeft }) => {
      const scope = { node: context.node, service: context.service ?? context.instructions.service }
      const delivery = usual.usualMs('ship_to_deliver', scope)
      if (hasLeft) return { ms: delivery, words: `delivery of ${context.number} from ${context.node}` }
      return {
        ms: sum(usual.usualMs('release_to_ship', scope), delivery),
        words: `shipping from ${context.node} and delivery`,
      }
    })
  const isUnreleased = lines.some(
    line => !order?.context.releases.some(({ amounts }) => amounts.some(each => each.line === line)),
  )
  if (isUnreleased || parts.length === 0)
    parts.push({
      ms: sum(usual.usualMs('release_to_ship', {}), usual.usualMs('ship_to_deliver', {})),
      words: 'release, shipping and delivery',
    })
  const known = parts.flatMap(({ ms, words }) => (ms === undefined ? [] : [{ ms, words }]))
  return known.sort((a, b) => b.ms - a.ms)[0]
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b
