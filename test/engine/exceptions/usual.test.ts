import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Random, seededRandom } from '../../../connectors/simulated/random.ts'
import { newJournalMemory } from '../../../engine/journal/memory-journal.ts'
import type { EventInput } from '../../../machines/event.ts'
import { at, event, readyOrder, released } from '../../helpers/distributor.ts'
import { forgetfulStore } from '../../helpers/memory-engine.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { checkpointsIn, Watched } from '../../helpers/watched.ts'

const MINUTE_MS = 60_000
const START_MS = Date.parse(at(60))
const ORDERS = 45

/** A moment of a week: what arrives then, and how the process that heard it ends, if it does. */
interface Moment {
  readonly nowMs: number
  readonly events: readonly EventInput[]
  readonly ending: Ending
  /** Nothing of it is looked at before the next moment. */
  readonly isUnseen: boolean
}
type Ending = 'none' | 'closed' | 'without checkpoint' | 'killed'
const ENDINGS: readonly Ending[] = ['closed', 'without checkpoint', 'killed']

/** An order's way: released within a day and a half, shipped within one and a half, delivered within two; some not yet. */
function wayOf(index: number, random: Random): readonly EventInput[] {
  const [order, shipment, tracking] = [`A${index}`, `S-${index}`, `1Z-${index}`]
  const releasedAt = 60 + random.whole(36 * 60)
  const shippedAt = releasedAt + 60 + random.whole(36 * 60)
  const deliveredAt = shippedAt + 60 + random.whole(48 * 60)
  return [
    ...readyOrder(order, { promisedAt: at(3 * 1_440 + random.whole(2_880)) }),
    released(order, shipment, releasedAt),
    event('wms', 'shipment.confirmed', `shipment/${shipment}`, shippedAt, { carrier: 'UPS', tracking }),
    // Heard from another first, it seems to have left later than it did.
    event('ups', 'shipment.in_transit', `shipment/${shipment}`, shippedAt + 30),
    event('ups', 'delivery.completed', `shipment/${shipment}`, deliveredAt, { tracking }),
  ]
}

/** Each event up to five hours late; hours in which nothing is said, and moments just before and just at the full hour. */
function weekOf(random: Random): readonly Moment[] {
  const arrivals = Array.from({ length: ORDERS }, (_, index) => wayOf(index, random))
    .flat()
    .map(said => ({ said, arrivesMs: Date.parse(said.time) + random.whole(300) * MINUTE_MS }))
    .sort((a, b) => a.arrivesMs - b.arrivesMs)
  const moments: Moment[] = []
  for (let nowMs = START_MS; nowMs < START_MS + 6 * 1_440 * MINUTE_MS; ) {
    nowMs += random.chance(0.3) ? hourAfter(nowMs) - nowMs - random.whole(2) : (1 + random.whole(200)) * MINUTE_MS
    const count = arrivals.findIndex(({ arrivesMs }) => arrivesMs > nowMs)
    const events = arrivals.splice(0, count < 0 ? arrivals.length : count).map(({ said }) => said)
    const ending = random.chance(0.2) ? (ENDINGS[random.whole(ENDINGS.length)] as Ending) : 'none'
    moments.push({ nowMs, events, ending, isUnseen: random.chance(0.2) })
  }
  return moments
}

const hourAfter = (ms: number): number => (Math.floor(ms / 3_600_000) + 1) * 3_600_000

/** What was told after each moment that was seen, and after opening again where the process ended then. */
async function lived(week: readonly Moment[], isRestarted: boolean) {
  const memory = newJournalMemory(randomBytes)
  const checkpoints = checkpointsIn(new MemoryFiles())
  const open = (nowMs: number) => Watched.open({ memory, checkpoints, nowMs, store: forgetfulStore() })
  const told: unknown[] = []
  let watched = await open(START_MS)
  for (const { ending, events, isUnseen, nowMs } of week) {
    watched.clock.nowMs = nowMs
    if (isUnseen) watched.holdLooks()
    if (events.length > 0) await watched.engine.submit(events)
    const known = isUnseen ? undefined : structuredClone(await watched.told(nowMs))
    told.push(known)
    if (ending === 'none' || !isRestarted) continue
    if (ending === 'killed') await watched.abandon()
    else await watched.close()
    checkpoints.isLost = ending === 'without checkpoint'
    watched = await open(nowMs)
    if (known !== undefined) expect(await watched.told(nowMs)).toEqual(known)
    checkpoints.isLost = false
  }
  await watched.close()
  return told
}

describe('what is usual', () => {
  it.each([1, 2, 3, 4])('[X5] [M3] is the same whatever was restarted, and when: seed %i', async seed => {
    const week = weekOf(seededRandom(seed))
    const told = await lived(week, true)
    const whole = await lived(week, false)
    expect(told).toEqual(whole)
    expect(JSON.stringify(whole)).toContain('promise_at_risk')
    expect(new Set(week.map(({ ending }) => ending)).size).toBe(4)
  })
})
