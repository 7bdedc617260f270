import { beforeAll, describe, expect, test } from 'vitest'
import { ocelSources } from '../../connectors/ocel/partners.ts'
import { orderManagementFile, readOcelFile } from '../../connectors/ocel/source.ts'
import { translate } from '../../connectors/ocel/translate.ts'
import { type Delivery, type DeliveryModel, deliveries } from '../../connectors/simulated/deliveries.ts'
import type { Outcome, OutcomeCode } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { openTestTwin } from '../helpers/test-twin.ts'
import { type RawLog, readRawLog, truthOf } from './ocel-oracle.ts'
import { differences } from './twin-truth.ts'

const HOUR_MS = 3_600_000
const BATCH = 1_000
const MIDDLES = ['2023-04-20T11:00:00.999Z', '2023-10-15T12:00:00.999Z'].map(Date.parse)
const DISORDER = { duplicateShare: 0.2, shuffleWindowMs: 12 * HOUR_MS }

let raw: RawLog
let said: readonly EventInput[]

beforeAll(async () => {
  raw = readRawLog()
  const read = await readOcelFile(orderManagementFile)
  if ('findings' in read) throw new Error(JSON.stringify(read.findings))
  said = translate(read.log).said.map(each => each.event)
})

type TestTwin = Awaited<ReturnType<typeof openTestTwin>>

/** Opens a twin and lets everything said by `untilMs` arrive as `model` has it, on a clock that follows the arrivals. */
async function replayed(model: DeliveryModel, untilMs = Number.POSITIVE_INFINITY): Promise<TestTwin> {
  const arriving = deliveries(
    said.filter(event => Date.parse(event.time) <= untilMs),
    model,
  )
  const twin = await openTestTwin({ sources: ocelSources, nowMs: arriving[0]?.atMs })
  for (let from = 0; from < arriving.length; from += BATCH) {
    const batch = arriving.slice(from, from + BATCH)
    twin.clock.nowMs = batch.at(-1)?.atMs ?? twin.clock.nowMs
    expectNoneRefused(batch, await twin.submit(batch.map(each => each.event)))
  }
  return twin
}

const EXPECTED: ReadonlySet<OutcomeCode> = new Set(['accepted', 'superseded', 'parked', 'duplicate'])

function expectNoneRefused(batch: readonly Delivery[], outcomes: readonly Outcome[]): void {
  const refused = outcomes.flatMap((outcome, at) =>
    EXPECTED.has(outcome.outcome) ? [] : [{ outcome, delivery: batch[at] }],
  )
  expect(refused).toEqual([])
}

/** What each event stands as now: sent once more, it is a duplicate that tells what became of the first. */
async function standings(twin: TestTwin): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let from = 0; from < said.length; from += BATCH)
    for (const outcome of await twin.submit(said.slice(from, from + BATCH))) {
      const standing = outcome.outcome === 'duplicate' ? String(outcome.now ?? outcome.first) : outcome.outcome
      counts[standing] = (counts[standing] ?? 0) + 1
    }
  return counts
}

async function expectWholeLogStands(twin: TestTwin): Promise<void> {
  const differing = await differences(twin, truthOf(raw))
  expect({ count: differing.length, first: differing[0] }).toEqual({ count: 0, first: undefined })
  const page = twin.orders({ hasParked: true }, { by: 'number', descending: false }, { first: 3 })
  expect({ parked: page.totalCount, first: page.orders }).toEqual({ parked: 0, first: [] })
  const { accepted = 0, superseded = 0, ...others } = await standings(twin)
  expect(others).toEqual({})
  expect(accepted + superseded).toBe(said.length)
}

describe('the public log, replayed', () => {
  test('in the order it was said ends as the log says, with nothing parked', async () => {
    const twin = await replayed({ seed: 0 })
    try {
      await expectWholeLogStands(twin)
    } finally {
      await twin.close()
    }
  })

  for (const seed of [1, 2, 3])
    test(`with a fifth sent twice and 12 h of disorder ends the same (seed ${seed})`, async () => {
      const twin = await replayed({ seed, ...DISORDER })
      try {
        await expectWholeLogStands(twin)
      } finally {
        await twin.close()
      }
    })

  for (const untilMs of MIDDLES)
    test(`until ${new Date(untilMs).toISOString().slice(0, 10)} stands as the log says for that moment, in any order`, async () => {
      for (const model of [{ seed: 0 }, { seed: 4, ...DISORDER }]) {
        const twin = await replayed(model, untilMs)
        try {
          const differing = await differences(twin, truthOf(raw, untilMs))
          expect({ seed: model.seed, count: differing.length, first: differing[0] }).toEqual({
            seed: model.seed,
            count: 0,
            first: undefined,
          })
        } finally {
          await twin.close()
        }
      }
    })
})
