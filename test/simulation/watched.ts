// Watched: what the watch of a process says is open, armed and counted, and what every order's card says, held against the
// same made from nothing but entries.
import { isDeepStrictEqual } from 'node:util'
import { cardOf } from '../../engine/card/card.ts'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import type { Engine } from '../../engine/engine.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { believedAt } from '../../engine/exceptions/as-of.ts'
import type { Surroundings } from '../../engine/exceptions/condition.ts'
import { conditionsOf, nextDueMs, openAt } from '../../engine/exceptions/exceptions.ts'
import { type FactsWithLedger, factsOf } from '../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../engine/exceptions/ledger.ts'
import { wholeOf } from '../../engine/exceptions/open-list.ts'
import type { Watch } from '../../engine/exceptions/watch.ts'
import { steppersOf } from '../../engine/judge.ts'
import { LegCounts, type SavedLegCounts } from '../../engine/kpis/leg-counts.ts'
import { OrderColumns } from '../../engine/kpis/order-columns.ts'
import { legsOf, orderRecord } from '../../engine/kpis/order-record.ts'
import { CHARTS } from '../../machines/charts.ts'
import { SOURCES } from '../helpers/distributor.ts'
import type { History } from './history.ts'
import { must } from './violation.ts'

const steppers = steppersOf(CHARTS)
const policies = DEFAULT_POLICIES
const HOUR_MS = 3_600_000
// Freshness is by the clock of all sources; here a card needs none to be compared.
const heard = SOURCES.map(source => ({ source }))

interface Told {
  readonly open: readonly unknown[]
  readonly armed: number
  readonly records: readonly unknown[]
}

/** Brought up to date by the caller, at the watch's own clock. */
export function checkWatched(watch: Watch, history: History): void {
  const expected = rebuilt(history, watch.around, watch.nowMs)
  const actual: Told = {
    open: [...watch.openExceptions()].map(wholeOf).map(plain).sort(byText),
    armed: watch.armed,
    records: [...watch.records()].map(plain).sort(byText),
  }
  must(isDeepStrictEqual(actual.open, expected.open), 'exceptions', () => difference(expected.open, actual.open))
  must(actual.armed === expected.armed, 'deadlines', () => `${actual.armed} are armed, not ${expected.armed}`)
  must(isDeepStrictEqual(actual.records, expected.records), 'records', () =>
    difference(expected.records, actual.records),
  )
  const [counted, usual] = [usualAtBorder(watch, history), countsOf(watch.around.usual.saved().atBorder)]
  must(isDeepStrictEqual(usual, counted), 'usual durations', () => difference(counted, usual))
}

/** The card of every order, by what the process reads and by what the entries make. */
export async function checkCards(engine: Engine, watch: Watch, history: History): Promise<void> {
  const { nowMs } = watch
  for (const id of history.families.keys()) {
    const expected = cardAt(factsIn(history, id), watch.around, nowMs)
    const [family] = await engine.families([id])
    const entries = await engine.entries(id, { after: 0, first: 10_000 })
    const actual = family && cardAt(factsOf(family, ledgerOf(entries)), watch.around, nowMs)
    must(isDeepStrictEqual(actual, expected), 'cards', () => `${id}: ${difference([expected], [actual])}`)
  }
}

function rebuilt(history: History, around: Surroundings, nowMs: number): Told {
  const open: unknown[] = []
  const columns = new OrderColumns()
  let armed = 0
  for (const [index, id] of [...history.families.keys()].entries()) {
    const facts = factsIn(history, id)
    const conditions = conditionsOf(facts, around)
    open.push(...openAt(conditions, { family: id, nowMs, policies }).map(plain))
    if (nextDueMs(conditions, nowMs) !== undefined) armed++
    columns.set(index, orderRecord(facts))
  }
  const records = [...history.families.keys()].flatMap((_, index) => columns.get(index) ?? [])
  return { open: open.sort(byText), armed, records: records.map(plain).sort(byText) }
}

/** What the entries recorded before this hour of the watch's clock tell of what is usual. */
function usualAtBorder(watch: Watch, history: History): readonly unknown[] {
  const borderMs = Math.floor(watch.nowMs / HOUR_MS) * HOUR_MS
  const counts = new LegCounts()
  const columns = new OrderColumns()
  for (const id of history.families.keys()) {
    const { family, ledger } = believedAt(id, entriesIn(history, id), { timeMs: borderMs - 1 })
    columns.set(0, orderRecord(factsOf(family, ledger)))
    counts.count(legsOf(columns.get(0)), 1)
  }
  return countsOf(counts.saved())
}

/** One row for each scope and length, in whatever order they were counted. */
const countsOf = (saved: SavedLegCounts): readonly unknown[] =>
  saved
    .flatMap(([scope, { counts, sumMs }]) => [
      [scope, sumMs],
      ...counts.flatMap((count, at) => (at % 2 === 1 ? [[scope, counts[at - 1], count]] : [])),
    ])
    .sort(byText)

// Grouped once for as many entries and remnants: a check asks for every family.
const grouped = new WeakMap<History, { readonly size: number; readonly byFamily: Map<string, JournalEntry[]> }>()

function entriesIn(history: History, id: string): readonly JournalEntry[] {
  const size = history.entries.size + history.remnants.size
  let known = grouped.get(history)
  if (known?.size !== size) {
    known = { size, byFamily: Map.groupBy(history.kept(), ({ family }) => family) }
    grouped.set(history, known)
  }
  return known.byFamily.get(id) ?? []
}

function factsIn(history: History, id: string): FactsWithLedger {
  const family = history.families.get(id)
  if (family === undefined) throw new Error(`simulation: there is no family ${id}`)
  return factsOf(family, ledgerOf(entriesIn(history, id)))
}

const cardAt = (facts: FactsWithLedger, around: Surroundings, nowMs: number): unknown =>
  plain(cardOf(facts, { ...around, nowMs, steppers, heard }) ?? {})

/** As JSON has it: what was kept in a checkpoint has no `undefined`, and the order of keys is nobody's. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value, sorted))

const sorted = (_: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

function difference(expected: readonly unknown[], actual: readonly unknown[]): string {
  const [should, is] = [expected, actual].map(all => new Set(all.map(each => JSON.stringify(each))))
  const missing = [...(should ?? [])].filter(each => !is?.has(each))
  const wrong = [...(is ?? [])].filter(each => !should?.has(each))
  return `missing ${missing.join().slice(0, 600)}; wrong ${wrong.join().slice(0, 600)}`
}
