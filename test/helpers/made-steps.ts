// Made steps: walks through made charts, each step beside XState's own (T1).
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { Stepper } from '../../engine/transition.ts'
import type { Move } from '../../machines/chart.ts'
import { parseEvent } from '../../machines/event.ts'
import { type Source, sourceBook } from '../../machines/sources.ts'
import { SOURCES } from './distributor.ts'
import { type MadeContext, type MadeEvent, type MadeWalks, madeChart, madeWalks } from './made-charts.ts'
import { compared, oraclesOf } from './xstate-oracle.ts'

export interface MadeChecked {
  /** The smallest chart found that went otherwise than with XState, and its walks; undefined when none did. */
  readonly difference: string | undefined
  readonly steps: number
  /** Steps that a gate stopped, and those that more than one did. */
  readonly refused: number
  readonly refusedForMore: number
  /** Steps in which more than one assign ran. */
  readonly ranMore: number
}

type Counts = { -readonly [Key in Exclude<keyof MadeChecked, 'difference'>]: number }

/** Walks through `charts` random charts; `seed` makes them. */
export function checkMade({ charts, seed }: { charts: number; seed: number }): MadeChecked {
  const seen: Counts = { steps: 0, refused: 0, refusedForMore: 0, ranMore: 0 }
  const walksAreXStates = fc.property(madeWalks, made => walk(made, seen))
  const details = fc.check(walksAreXStates, { seed, numRuns: charts, includeErrorInReport: true })
  return { difference: fc.defaultReportMessage(details), ...seen }
}

/** One stepper walks every way, and remembers. Throws at the first step that is not XState's. */
function walk({ chart: made, start, walks }: MadeWalks, seen: Counts): void {
  const chart = madeChart(made)
  const stepper = new Stepper(chart)
  const oracles = oraclesOf(chart)
  const context: MadeContext = { ...start, ran: [] }
  const created = oracles.assume.create(context)
  for (const moves of walks) {
    if (!isDeepStrictEqual(stepper.create(context), created)) throw new Error('another actor is created')
    let actor = created
    for (const { event, mode } of moves) {
      const { difference, expected } = compared(stepper, oracles, [actor, heard(event), mode])
      if (difference !== undefined) throw new Error(`${actor.state} ${event.type} ${mode}: ${difference}`)
      seen.steps++
      if (expected.kind === 'blocked') seen.refused++
      if (expected.kind === 'blocked' && expected.obstacles.length > 1) seen.refusedForMore++
      if (expected.kind !== 'moved') continue
      const { m, n, ran } = expected.context as MadeContext
      if (ran.length > 1) seen.ranMore++
      // What ran is told step by step.
      actor = { state: expected.state, context: { m, n, ran: [] } }
    }
  }
}

const ORIGIN = sourceBook(SOURCES).byId.get('erp') as Source
const QUANTITIES = { amounts: [], parts: [], named: [], contents: [] }

/** An event of the ERP that says nothing but its sequence. */
function heard({ n: sequence, type }: MadeEvent): Move {
  const said = {
    specversion: '1.0',
    id: '1',
    source: ORIGIN.id,
    type,
    subject: 'order/O-1',
    time: TIME,
    data: {},
    sequence,
  }
  const parsed = parseEvent(said, ORIGIN, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) throw new Error(`${type}: ${parsed.flaws[0]?.message}`)
  return { ...parsed.event, ...QUANTITIES, origin: ORIGIN }
}
const TIME = '2026-03-02T08:00:00Z'
