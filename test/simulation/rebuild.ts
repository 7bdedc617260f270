// Rebuild: everything a twin derives, made a second time from nothing but entries, to hold against what it says itself.

import { isDeepStrictEqual } from 'node:util'
import { Derived, namesOf } from '../../engine/derived.ts'
import { Directory } from '../../engine/directory.ts'
import type { Engine } from '../../engine/engine.ts'
import { packFamily } from '../../engine/family-codec.ts'
import { hash64Of } from '../../engine/hash.ts'
import { steppersOf } from '../../engine/judge.ts'
import { isRemnant } from '../../engine/retiring/remnant.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { History } from './history.ts'
import { must } from './violation.ts'

const steppers = steppersOf(CHARTS)
const KINDS = ['order', 'shipment', 'return'] as const
const FACETS = ['lifecycle', 'credit', 'fulfilment', 'billing', 'customer'] as const
const PAGE = { first: 1_000 }

/** Projections by folding every entry; families as the entries make them. */
export async function checkRebuilt(engine: Engine, history: History, ids: readonly string[]): Promise<void> {
  const key = { a: 1, b: 2 }
  const derived = new Derived(new Directory(key))
  const all = [...history.kept(), ...history.remnants.values()].sort((a, b) => a.position - b.position)
  for (const each of all)
    if (isRemnant(each)) derived.foldRemnant(each, { eventId: hash64Of(each.event.source, each.event.id, key) })
    else derived.fold(each, namesOf(each, key))
  const board = (of: Pick<Engine, 'orders' | 'orderCounts'>) => ({
    byNumber: of.orders({}, { by: 'number', descending: false }, PAGE).orders,
    byUpdate: of.orders({}, { by: 'updatedAt', descending: true }, PAGE).orders,
    parked: of.orders({ hasParked: true }, { by: 'number', descending: false }, PAGE).orders,
    counts: of
      .orderCounts({}, FACETS)
      .map(each => JSON.stringify(each))
      .sort(),
  })
  const expected = board({
    orders: (filter, order, page) => derived.board.page(filter, order, page),
    orderCounts: (filter, by) => derived.board.counts(filter, by),
  })
  const actual = board(engine)
  must(isDeepStrictEqual(actual, expected), 'order board', () => difference(expected, actual))
  for (const kind of KINDS) {
    const states = nonZero(engine.stateCounts(kind))
    const folded = nonZero(derived.states.of(kind, steppers))
    must(isDeepStrictEqual(states, folded), 'state counts', () => `${kind}: ${difference(folded, states)}`)
  }
  checkCounted(engine, history)
  checkSources(engine, derived)
  await checkFamilies(engine, history, ids)
}

/** Board and counts once more, without their own code: from the families that the entries make. */
function checkCounted(engine: Engine, history: History): void {
  const states: Record<string, number> = {}
  const parked: string[] = []
  for (const family of history.families.values()) {
    if (family.actors.order !== undefined && family.parked.length > 0) parked.push(family.id)
    for (const { kind, state } of family.actors.all)
      for (const [region, leaf] of Object.entries(steppers[kind].regionStates(state)))
        states[`${kind} ${region} ${leaf}`] = (states[`${kind} ${region} ${leaf}`] ?? 0) + 1
  }
  const waiting = engine.orders({ hasParked: true }, { by: 'number', descending: false }, PAGE).orders
  must(isDeepStrictEqual(waiting, parked.sort()), 'order board', () => difference(parked, waiting))
  const told = Object.fromEntries(
    KINDS.flatMap(kind => Object.entries(nonZero(engine.stateCounts(kind))).map(([name, n]) => [`${kind} ${name}`, n])),
  )
  must(isDeepStrictEqual(told, states), 'state counts', () => difference(states, told))
}

/** What only entries count; what was answered without one is counted by the process alone. */
function checkSources(engine: Engine, derived: Derived): void {
  for (const { lastEventMs, lastGap, sequenceGaps, source } of engine.sources()) {
    const folded = derived.sourceLog.of(source.id)
    const expected = {
      lastEventMs: folded.lastRecordedMs > 0 ? folded.lastEventMs : undefined,
      sequenceGaps: folded.sequenceGaps,
      lastGap: folded.lastGap,
    }
    const actual = { lastEventMs, sequenceGaps, lastGap }
    must(isDeepStrictEqual(actual, expected), 'source log', () => `${source.id}: ${difference(expected, actual)}`)
  }
}

async function checkFamilies(engine: Engine, history: History, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const expected = history.families.get(id)
    if (expected === undefined || (expected.actors.isNobody && expected.retired === undefined)) continue
    const [actual] = await engine.families([id])
    const isSame = actual !== undefined && Buffer.compare(packFamily(actual), packFamily(expected)) === 0
    must(isSame, 'families', () => `${id}: ${difference(expected, actual)}`)
    const entries = await engine.entries(id, { after: 0, first: 10_000 })
    const positions = history.kept().flatMap(({ family, position }) => (family === id ? [position] : []))
    must(
      isDeepStrictEqual(
        entries.map(entry => entry.position),
        positions,
      ),
      'timelines',
      () => `${id} tells of ${entries.length} entries, it has ${positions.length}`,
    )
  }
}

/** States nobody is in may be named or not. */
function nonZero(regions: Readonly<Record<string, Readonly<Record<string, number>>>>): object {
  const pairs = Object.entries(regions).flatMap(([region, states]) =>
    Object.entries(states).flatMap(([state, count]) => (count === 0 ? [] : [[`${region} ${state}`, count] as const])),
  )
  return Object.fromEntries(pairs.sort())
}

function difference(expected: unknown, actual: unknown): string {
  const text = (value: unknown) => JSON.stringify(value)?.slice(0, 1_500)
  return `expected ${text(expected)}, found ${text(actual)}`
}
