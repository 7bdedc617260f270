import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../engine/entry.ts'
import { ENGINE_LIMITS, type EngineLimits } from '../../../engine/limits.ts'
import { captured, event, lineOf } from '../../helpers/distributor.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'
import { orderOf } from '../../helpers/memory-world.ts'
import { allEntries } from '../../helpers/store-truth.ts'

const long = (order: string, letters: number) =>
  captured(order, '00:10', { lines: [{ ...lineOf(10), description: 'x'.repeat(letters) }] })

const accepted = (order: string) =>
  event('erp', 'order.accepted', `order/${order}`, '00:20', { erpNumber: `E-${order}` })

/** What came of events sent together, and the entries that were written. */
async function sent(events: readonly unknown[], limits: Partial<EngineLimits>) {
  const { engine } = await openMemoryEngine({ limits })
  const outcomes = await engine.submit(events)
  const entries = []
  for await (const { entry } of engine.follow({ after: '', untilHead: true })) entries.push(entry)
  return { outcomes: outcomes.map(each => ('code' in each && each.code) || each.outcome), entries }
}

describe('what the journal cannot hold', () => {
  const one = [captured('O-1', '00:10'), long('O-2', 3_000), accepted('O-2'), captured('O-3', '00:10')]

  test('[E8] one entry is refused alone: nothing of it is seen by those that follow in its batch', async () => {
    const { entries, outcomes } = await sent(one, { entryBytesMax: 2_000 })
    expect(outcomes).toEqual(['accepted', 'event_too_large', 'unknown_subject', 'accepted'])
    expect(entries.map(({ family, position, previous }) => [family, position, previous])).toEqual([
      ['O-1', entries[0]?.position, 0],
      ['O-2', (entries[0]?.position ?? 0) + 1, 0],
      ['O-3', (entries[0]?.position ?? 0) + 2, 0],
    ])
  })

  test('[E8] all entries of one event, too', async () => {
    expect((await sent(one, { unitBytesMax: 2_000 })).outcomes[1]).toBe('event_too_large')
  })

  test('[E8] [E3] a batch that is judged anew comes to what each of its events comes to alone', async () => {
    const events = Array.from({ length: 90 }, (_, index) =>
      index % 30 === 17 ? long(`O-${index}`, 3_000) : captured(`O-${index}`, '00:10'),
    ).flatMap((event, index) => [event, accepted(`O-${index}`)])
    const together = await sent(events, { entryBytesMax: 2_000 })
    const alone = await sent(events, { entryBytesMax: 2_000, batchEventsMax: 1 })
    expect(together.outcomes).toEqual(alone.outcomes)
    expect(together.outcomes.filter(each => each === 'event_too_large')).toHaveLength(3)
    const said = (entries: readonly JournalEntry[]) =>
      entries.map(({ changes, detail, family, verdict }) => JSON.stringify([family, verdict, detail, changes])).sort()
    expect(said(together.entries)).toEqual(said(alone.entries))
  })

  test('[E8] [E1] what does not fit into a batch goes first in the next, in order', async () => {
    const events = Array.from({ length: 200 }, (_, index) => long(`O-${index}`, 1_000))
    const { entries, outcomes } = await sent(events, {
      batchBytesMax: 10_000,
      unitBytesMax: ENGINE_LIMITS.unitBytesMax,
    })
    expect(new Set(outcomes)).toEqual(new Set(['accepted']))
    expect(entries.map(({ family }) => family)).toEqual(events.map((_, index) => `O-${index}`))
  })

  test('[E8] a batch far beyond its limit is judged event by event, and no larger than one event beyond it', async () => {
    const bytes: number[] = []
    const { engine } = await openMemoryEngine({
      limits: { batchBytesMax: 4_000, unitBytesMax: 4_000 },
      commit: async block => void bytes.push(block.length),
    })
    const events = Array.from({ length: 40 }, (_, index) => long(`O-${index}`, 1_000))
    expect(new Set((await engine.submit(events)).map(({ outcome }) => outcome))).toEqual(new Set(['accepted']))
    expect(Math.max(...bytes)).toBeLessThan(4_000 + 4_000)
  })

  describe('because of what others parked', () => {
    const amended = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        event('erp', 'order.amended', 'order/O-1', 20 + index, {
          lines: [{ ...lineOf(5, `A-${index}`), description: 'x'.repeat(1_000) }],
        }),
      )
    const linesOf = async (engine: Awaited<ReturnType<typeof openMemoryEngine>>['engine']) => {
      const family = await engine.family('O-1')
      if (family === undefined) throw new Error('O-1 is not known')
      return [orderOf(family).lines.length, family.parked.length]
    }

    test('[E8] [W1] no event is refused: what does not fit follows in units of its own, other events in between', async () => {
      const { engine } = await openMemoryEngine({ limits: { unitBytesMax: 8_000 } })
      const parked = await engine.submit(amended(12))
      expect(new Set(parked.map(({ outcome }) => outcome))).toEqual(new Set(['parked']))
      const [capture] = await engine.submit([captured('O-1', '00:10')])
      expect(capture?.outcome).toBe('accepted')
      const [lines = 0, waiting = 0] = await linesOf(engine)
      expect([lines + waiting, waiting > 0]).toEqual([13, true])
      const others = []
      while (engine.isBusy && others.length < 20)
        others.push(await engine.submit([captured(`X-${others.length}`, '00:10')]))
      await engine.close()
      expect(others.length).toBeGreaterThan(0)
      const entries = await allEntries(engine)
      const [first, ...woken] = entries.filter(
        ({ event, verdict }) => event.subject === 'order/O-1' && verdict === 'accepted',
      )
      expect(woken.map(({ cause }) => (cause ?? 0) >= (first?.position ?? 0))).toEqual(Array(12).fill(true))
    })

    test('[E8] [W1] so is it where what waits comes to be refused', async () => {
      const { engine } = await openMemoryEngine({ limits: { unitBytesMax: 8_000 } })
      const foreign = amended(12).map(each => ({
        ...each,
        data: { ...(each.data as object), customer: 'SOMEBODY-ELSE' },
      }))
      await engine.submit(foreign)
      const [capture] = await engine.submit([captured('O-1', '00:10')])
      expect(capture?.outcome).toBe('accepted')
      await engine.close()
      const refused = (await allEntries(engine)).filter(({ detail }) => detail?.code === 'locked_fields')
      expect(refused).toHaveLength(12)
    })

    test('[W1] [E5] what a crash left over is woken by the next fact of its family', async () => {
      let commits = 0
      const { engine, memory } = await openMemoryEngine({
        limits: { wakeLinesMax: 300 },
        // Settings, what waits, and the capture with three of those are written.
        commit: async () => {
          if (++commits === 4) throw new Error('the disk is gone')
        },
      })
      await engine.submit(amended(12))
      await engine.submit([captured('O-1', '00:10')])
      await engine.close()
      const again = await openMemoryEngine({ memory, limits: { wakeLinesMax: 300 } })
      expect(await linesOf(again.engine)).toEqual([4, 9])
      await again.engine.submit([event('erp', 'order.validated', 'order/O-1', '02:00')])
      await again.engine.close()
      const { engine: last } = await openMemoryEngine({ memory })
      expect(await linesOf(last)).toEqual([13, 0])
    })
  })
})
