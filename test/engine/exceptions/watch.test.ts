import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { parsePosition } from '../../../engine/answers.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import type { OrderException } from '../../../engine/exceptions/condition.ts'
import { wholeOf } from '../../../engine/exceptions/open-list.ts'
import { type ExceptionChange, Watch } from '../../../engine/exceptions/watch.ts'
import { newJournalMemory } from '../../../engine/journal/memory-journal.ts'
import { msAt } from '../../helpers/desk.ts'
import { event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { duplicated, shuffled } from '../../helpers/orderings.ts'
import { openTestTwin, type TestTwin } from '../../helpers/test-twin.ts'

function watching(twin: TestTwin): Watch {
  const watch = new Watch({ twin, policies: DEFAULT_POLICIES, clock: twin.clock })
  const running = watch.run()
  onTestFinished(async () => {
    watch.close()
    await running
  })
  return watch
}

const upToDate = async (twin: TestTwin, watch: Watch) => {
  await watch.upTo(parsePosition(twin.head().position) ?? 0)
  await watch.tick()
}

const told = (watch: Watch): readonly string[] =>
  [...watch.openExceptions()]
    .map(wholeOf)
    .map((each: OrderException) => `${each.family} ${each.key} ${each.opensMs} ${each.dueMs} ${each.detail}`)
    .sort()

describe('the watch', () => {
  it('[X4] tells what opens and closes with its entry, and what falls due at the first tick after its second', async () => {
    const twin = await openTestTwin({ sources: SOURCES, nowMs: msAt('01:00') })
    const watch = watching(twin)
    const changes: string[] = []
    watch.listen(({ exception, kind }: ExceptionChange) => void changes.push(`${kind} ${exception.kind}`))
    await twin.submit([
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('erp', 'credit.held', 'order/A1', '01:00'),
    ])
    await upToDate(twin, watch)
    expect(changes).toEqual(['opened credit_hold'])
    await twin.submit([event('erp', 'credit.released', 'order/A1', '01:00', {}, { sequence: 9 })])
    await upToDate(twin, watch)
    expect(changes).toEqual(['opened credit_hold', 'closed credit_hold'])
    twin.clock.nowMs = msAt('04:59:59')
    await watch.tick()
    expect(changes).toHaveLength(2)
    twin.clock.nowMs = msAt('05:00')
    await watch.tick()
    await watch.tick()
    expect(changes.slice(2)).toEqual(['opened late_acknowledgement'])
    await twin.close()
  })

  it('[X4] tells that somebody else is to act now, and what else has caused it, in the same words', async () => {
    const twin = await openTestTwin({ sources: SOURCES, nowMs: msAt('03:00') })
    const watch = watching(twin)
    const changes: string[] = []
    watch.listen(({ exception: { action, evidence, kind: what }, kind }: ExceptionChange) => {
      if (what === 'damaged') changes.push(`${kind}, ${action.by} ${action.event}, ${evidence.length}`)
    })
    const damaged = (time: string) =>
      event('wms', 'shipment.damaged', 'shipment/S-1', time, { lines: [{ line: '1', quantity: 1 }] })
    const say = async (...events: readonly object[]) => {
      await twin.submit(events)
      await upToDate(twin, watch)
    }
    await say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), damaged('01:30'))
    await say(damaged('01:40'))
    await say(event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(changes).toEqual([
      'opened, node shipment.confirmed, 1',
      'changed, node shipment.confirmed, 2',
      'changed, transport delivery.completed, 2',
    ])
    await twin.close()
  })

  it('[X4] tells what waits under a number nobody knows', async () => {
    const twin = await openTestTwin({ sources: SOURCES, nowMs: msAt('01:00') })
    const watch = watching(twin)
    await twin.submit([event('wms', 'shipment.acknowledged', 'shipment/S-9', '01:00')])
    twin.clock.nowMs = msAt('01:15')
    await upToDate(twin, watch)
    expect([...watch.openExceptions()].map(({ kind, family }) => [kind, family])).toEqual([
      ['unknown_subject', 'ref:S-9'],
    ])
    await twin.close()
  })

  it.each([1, 2, 3, 4, 5])(
    '[X5] a restart at any point changes no exception and no deadline: legal trace %i',
    async seed => {
      const { events } = legalTrace({ seed, steps: 60, orders: 3 })
      const random = seededRandom(seed)
      const arriving = duplicated(shuffled(events, random), random)
      const memory = newJournalMemory(randomBytes)
      const nowMs = Date.UTC(2026, 10, 24)
      const twin = await openTestTwin({ sources: SOURCES, nowMs, memory })
      const watch = watching(twin)
      for (const each of arriving) {
        await twin.submit([each])
        await upToDate(twin, watch)
      }
      const before = { open: told(watch), armed: watch.armed }
      await twin.close()
      const again = await openTestTwin({ sources: SOURCES, nowMs, memory })
      const anew = watching(again)
      await upToDate(again, anew)
      expect({ open: told(anew), armed: anew.armed }).toEqual(before)
      expect(before.open.length).toBeGreaterThan(0)
      await again.close()
    },
  )

  it('promises are at risk once what is left usually takes longer than there is time', async () => {
    const twin = await openTestTwin({ sources: SOURCES, nowMs: msAt(3 * 1_440) })
    const watch = watching(twin)
    // Thirty orders that took 10 hours from release to goods issue, and 20 to delivery.
    for (let index = 0; index < 30; index++) {
      const [order, shipment] = [`P${index}`, `P-${index}`]
      await twin.submit([
        ...readyOrder(order),
        released(order, shipment, '01:00'),
        event('wms', 'shipment.confirmed', `shipment/${shipment}`, '11:00', {
          carrier: 'UPS',
          tracking: `1Z-${index}`,
        }),
        event('ups', 'delivery.completed', `shipment/${shipment}`, 31 * 60, { tracking: `1Z-${index}` }),
      ])
    }
    await upToDate(twin, watch)
    twin.clock.nowMs = msAt(4 * 1_440)
    await twin.submit([...readyOrder('A1', { promisedAt: '2026-11-26T12:00:00Z' }), released('A1', 'S-1', 4 * 1_440)])
    await upToDate(twin, watch)
    expect(watch.openIn('A1').map(({ kind }) => kind)).not.toContain('promise_at_risk')
    twin.clock.nowMs = msAt(5 * 1_440)
    await watch.tick()
    const risk = watch.openIn('A1').find(({ kind }) => kind === 'promise_at_risk')
    expect(risk?.detail).toMatch(/shipping from EAST and delivery usually takes 3\d h/)
    twin.clock.nowMs = msAt(5 * 1_440 + 12 * 60)
    await watch.tick()
    const kinds = watch.openIn('A1').map(({ kind }) => kind)
    expect([kinds.includes('promise_missed'), kinds.includes('promise_at_risk')]).toEqual([true, false])
    await twin.close()
  })
})
