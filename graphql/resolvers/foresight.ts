// Foresight: what one event would do if it came now: what would move, what would be judged again, which exceptions would open
// and close. Read from the entries it would make; nothing is written.
import { entityText } from '../../engine/answers.ts'
import type { ActorChange, JournalEntry } from '../../engine/entry.ts'
import { applied } from '../../engine/entry.ts'
import { believedAt } from '../../engine/exceptions/as-of.ts'
import type { OrderException } from '../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import { factsWith } from '../../engine/exceptions/facts.ts'
import { kindOf } from '../../machines/ids.ts'
import type { GraphContext } from '../graph-context.ts'
import { overLimit } from '../operations/graph-errors.ts'
import { exceptionView, rowOf } from '../views/exceptions.ts'

export async function foreseen(event: unknown, override: string, context: GraphContext) {
  const { graph, sender, twin } = context
  const { entries, outcome } = await twin.foresee(event, sender, override)
  const families = new Map<string, JournalEntry[]>()
  for (const entry of entries) families.set(entry.family, [...(families.get(entry.family) ?? []), entry])
  const { bulkMax } = graph.limits
  if (families.size > bulkMax) throw overLimit('TOO_MANY_SELECTED', 'bulk', { most: bulkMax, found: families.size })
  const changes = await Promise.all([...families].map(([id, own]) => exceptionsAround(id, own, context)))
  const nowMs = graph.desk.nowMs()
  const told = (exceptions: readonly OrderException[], state: 'opened' | 'closed') =>
    context.counted(exceptions).map(each => exceptionView(rowOf(each, state), nowMs))
  const { id, source } = event as { readonly id?: unknown; readonly source?: unknown }
  return {
    outcome,
    moves: context.counted(entries.flatMap(entry => entry.changes.flatMap(change => movesOf(entry, change, context)))),
    wakes: context
      .counted(entries.filter(entry => entry.event.id !== id || entry.event.source !== source))
      .map(entry => ({
        source: entry.event.source,
        eventId: entry.event.id,
        event: entry.event.type,
        verdict: entry.verdict,
      })),
    opens: told(
      changes.flatMap(({ opens }) => opens),
      'opened',
    ),
    closes: told(
      changes.flatMap(({ closes }) => closes),
      'closed',
    ),
  }
}

function movesOf({ family }: JournalEntry, { key, state, was }: ActorChange, { graph }: GraphContext) {
  const stepper = graph.steppers[kindOf(key)]
  const before = was === undefined ? undefined : stepper.regionStates(was)
  return Object.entries(stepper.regionStates(state))
    .filter(([region, to]) => before?.[region] !== to)
    .map(([region, to]) => ({ entity: entityText(key, family), region, from: before?.[region], to }))
}

/** What is wrong with a family before and after `own`, the entries that would come next. */
async function exceptionsAround(id: string, own: readonly JournalEntry[], { graph: { desk } }: GraphContext) {
  const around = desk.watch.around
  const nowMs = desk.nowMs()
  const previous = own[0]?.previous ?? 0
  const { family, ledger } = believedAt(id, await desk.entries(id), { position: previous })
  const { marks } = ledger
  const open = (of: typeof family) =>
    openAt(conditionsOf(factsWith(of, marks), around), { family: id, nowMs, policies: around.policies })
  const before = open(family)
  for (const entry of own) marks.fold(entry)
  const after = open(own.reduce(applied, family))
  const isIn = (exceptions: readonly OrderException[]) => {
    const keys = new Set(exceptions.map(({ key }) => key))
    return ({ key }: OrderException) => keys.has(key)
  }
  const [isBefore, isAfter] = [isIn(before), isIn(after)]
  return { opens: after.filter(each => !isBefore(each)), closes: before.filter(each => !isAfter(each)) }
}
