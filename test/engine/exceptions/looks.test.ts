import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { parsePosition } from '../../../engine/answers.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import type { Engine } from '../../../engine/engine.ts'
import { Marks } from '../../../engine/exceptions/marks.ts'
import { wholeOf } from '../../../engine/exceptions/open-list.ts'
import { RestingException } from '../../../engine/exceptions/resting-exception.ts'
import { Watch } from '../../../engine/exceptions/watch.ts'
import type { EventInput } from '../../../machines/event.ts'
import { discard } from '../../helpers/acts.ts'
import { msAt } from '../../helpers/desk.ts'
import { captured, event, readyOrder, SOURCES } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'
import { MemoryWorld } from '../../helpers/memory-world.ts'
import { shuffled } from '../../helpers/orderings.ts'

const positionOf = (engine: Engine) => parsePosition(engine.head().position) ?? 0

describe('looks', () => {
  /** A watch over a twin that is as busy as is said, and what it looks at. */
  async function watched(onLook: (rows: number) => void | Promise<void> = () => undefined) {
    const { clock, engine } = await openMemoryEngine({ nowMs: msAt('02:00') })
    const twin = { isBusy: false, looks: 0 }
    const counting: Engine = Object.create(engine, {
      isBusy: { get: () => twin.isBusy },
      families: {
        value: async (ids: readonly string[]) => {
          twin.looks += ids.length
          await onLook(ids.length)
          return engine.families(ids)
        },
      },
    })
    const watch = new Watch({ twin: counting, policies: DEFAULT_POLICIES, clock })
    const running = watch.run()
    const hold = (orders: readonly string[], type: 'credit.held' | 'credit.approved' = 'credit.held') =>
      engine.submit(orders.map(order => event('erp', type, `order/${order}`, '01:00')))
    const known = async (orders: readonly string[]) => {
      await engine.submit(orders.flatMap(order => readyOrder(order)))
      await watch.upTo(positionOf(engine))
      twin.looks = 0
    }
    const ticks = async (count: number) => {
      for (let tick = 0; tick < count; tick++) await watch.tick()
    }
    const end = async () => {
      watch.close()
      await running
      await engine.close()
    }
    return { clock, end, engine, hold, known, ticks, twin, watch }
  }

  const turnsOfTheLoop = async (turns = 5) => {
    for (let turn = 0; turn < turns; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  const thousand = Array.from({ length: 1_000 }, (_, index) => `A${index}`)

  it('[X11] are taken in slices: of a thousand families never more than 256 are asked for at once', async () => {
    const asked: number[] = []
    const { end, engine, watch } = await watched(rows => void asked.push(rows))
    await watch.upTo(positionOf(engine))
    await engine.submit(thousand.flatMap(order => readyOrder(order)))
    await watch.upTo(positionOf(engine))
    expect(Math.max(...asked)).toBeLessThanOrEqual(256)
    expect(asked.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(1_000)
    expect([watch.backlog, watch.armed]).toEqual([0, 1_000])
    await end()
  })

  it('[X13] rest for some ticks where the twin is busy: whatever was said of a family meanwhile costs one look', async () => {
    const { clock, end, engine, hold, ticks, twin, watch } = await watched()
    twin.isBusy = true
    const orders = Array.from({ length: 100 }, (_, index) => `A${index}`)
    await engine.submit([...readyOrder('B'), ...orders.flatMap(order => readyOrder(order))])
    await hold(orders)
    await watch.upTo(positionOf(engine))
    expect([watch.backlog, watch.armed]).toEqual([0, 1])
    twin.looks = 0
    for (const type of ['credit.approved', 'credit.held', 'credit.approved', 'credit.held'] as const) {
      await hold(orders, type)
      await turnsOfTheLoop(1)
    }
    expect([twin.looks, watch.backlog]).toEqual([0, 100])
    // What falls due is told in its second all the same: a release is owed.
    clock.nowMs = msAt('02:00') + 7 * 24 * 3_600_000
    await watch.tick()
    expect(watch.openIn('B')).toHaveLength(1)
    expect([twin.looks, watch.backlog]).toEqual([1, 100])
    await ticks(2)
    expect([twin.looks, watch.backlog]).toEqual([1, 100])
    await watch.tick()
    expect([twin.looks, watch.backlog]).toEqual([101, 0])
    expect(watch.openIn('A7').map(({ kind }) => kind)).toEqual(['credit_hold'])
    // Nor does it rest for who asks.
    await hold(orders, 'credit.approved')
    expect(watch.backlog).toBe(100)
    await watch.upTo(positionOf(engine))
    expect([twin.looks, watch.backlog]).toEqual([201, 0])
    await end()
  })

  it('[X13] are taken while the twin is idle, as far as it stays so; of a busy one all waits for its tick', async () => {
    const { end, engine, hold, known, ticks, twin, watch } = await watched(() => {
      // What comes while it looks makes the twin busy again.
      twin.isBusy = true
    })
    await known(thousand)
    await ticks(2)
    twin.isBusy = true
    await hold(thousand)
    let isTold = false
    await turnsOfTheLoop()
    expect([twin.looks, watch.backlog]).toEqual([0, 1_000])
    for (let time = 1; time <= 2; time++) {
      twin.isBusy = false
      const before = twin.looks
      watch.idle()
      await turnsOfTheLoop()
      expect(twin.looks - before).toBeGreaterThan(0)
      expect(twin.looks - before).toBeLessThanOrEqual(256)
      expect(watch.backlog).toBe(1_000 - twin.looks)
    }
    // Two ticks went by before: what was begun and not ended has ended no rest, and told nobody that all was looked at.
    await ticks(1)
    expect(watch.backlog).toBe(1_000 - twin.looks)
    await ticks(1)
    expect([twin.looks, watch.backlog]).toEqual([1_000, 0])
    await hold(thousand.slice(0, 500), 'credit.approved')
    void watch.upTo(positionOf(engine)).then(() => {
      isTold = true
    })
    await turnsOfTheLoop(1)
    expect([isTold, watch.backlog > 0]).toEqual([false, true])
    await watch.upTo(positionOf(engine))
    expect(watch.backlog).toBe(0)
    await end()
  })

  it('[X13] rest as long behind a look at all of it that the twin was idle for', async () => {
    const { end, hold, known, ticks, twin, watch } = await watched()
    await known(['A1'])
    await ticks(3)
    twin.isBusy = false
    await hold(['A1'])
    await turnsOfTheLoop()
    expect([twin.looks, watch.backlog]).toEqual([1, 0])
    twin.isBusy = true
    await hold(['A1'], 'credit.approved')
    await ticks(3)
    expect([twin.looks, watch.backlog]).toEqual([1, 1])
    await ticks(1)
    expect([twin.looks, watch.backlog]).toEqual([2, 0])
    await end()
  })

  it('[X13] rest from the beginning of a look at all of it, however long it takes', async () => {
    const held = Promise.withResolvers<void>()
    let isHolding = false
    const { end, hold, known, ticks, twin, watch } = await watched(() => (isHolding ? held.promise : undefined))
    await known(['A1', 'B1'])
    await ticks(1)
    isHolding = true
    await hold(['A1'])
    await turnsOfTheLoop()
    twin.isBusy = true
    await hold(['B1'])
    for (let tick = 0; tick < 4; tick++) void watch.tick()
    isHolding = false
    held.resolve()
    await turnsOfTheLoop()
    expect(watch.backlog).toBe(0)
    await end()
  })

  it('[X4] a listener that throws is told as trouble, and keeps nothing from being looked at', async () => {
    const { clock, engine } = await openMemoryEngine({ nowMs: msAt('02:00') })
    const troubles: string[] = []
    const onTrouble = (trouble: string) => void troubles.push(trouble)
    const watch = new Watch({ twin: engine, policies: DEFAULT_POLICIES, clock, onTrouble })
    const running = watch.run()
    await watch.upTo(positionOf(engine))
    watch.listen(() => {
      throw new Error('I cannot hear')
    })
    const told: string[] = []
    watch.listen(({ exception }) => void told.push(exception.kind))
    await engine.submit([...readyOrder('A1'), event('erp', 'credit.held', 'order/A1', '01:00')])
    await watch.upTo(positionOf(engine))
    expect([told, watch.backlog]).toEqual([['credit_hold'], 0])
    expect(troubles).toEqual(['who listens to exceptions does not take one: I cannot hear'])
    watch.close()
    await running
    await engine.close()
  })

  it('[X13] who asks is told of all that was said, though more falls due while it is looked at', async () => {
    const { clock, engine } = await openMemoryEngine({ nowMs: msAt('02:00') })
    const watch = new Watch({ twin: engine, policies: DEFAULT_POLICIES, clock })
    const running = watch.run()
    const orders = Array.from({ length: 200 }, (_, index) => `A${index}`)
    const say = (type: 'credit.held' | 'credit.approved') =>
      engine.submit(orders.map(order => event('erp', type, `order/${order}`, '01:00')))
    const due = Array.from({ length: 100 }, (_, index) => readyOrder(`B${index}`)).flat()
    await engine.submit([...due, ...orders.flatMap(order => readyOrder(order))])
    await say('credit.held')
    await watch.upTo(positionOf(engine))
    expect(watch.openIn('A199')).toHaveLength(1)
    await say('credit.approved')
    const told = watch.upTo(positionOf(engine))
    // Between two slices a hundred releases fall due.
    await new Promise(resolve => setImmediate(resolve))
    expect(watch.backlog).toBeGreaterThan(0)
    clock.nowMs = msAt('02:00') + 7 * 24 * 3_600_000
    const ticking = watch.tick()
    await told
    expect(orders.filter(order => watch.openIn(order).some(({ kind }) => kind === 'credit_hold'))).toEqual([])
    await ticking
    watch.close()
    await running
    await engine.close()
  })

  it('[X12] a family that cannot be read is told once, holds up no other, and is looked at when it can', async () => {
    const { clock, engine } = await openMemoryEngine({ nowMs: msAt('02:00') })
    let isBroken = true
    const failing: Engine = Object.create(engine, {
      families: {
        value: (ids: readonly string[]) =>
          isBroken && ids.includes('A1') ? Promise.reject(new Error('no such block')) : engine.families(ids),
      },
    })
    const troubles: string[] = []
    const onTrouble = (trouble: string) => void troubles.push(trouble)
    const watch = new Watch({ twin: failing, policies: DEFAULT_POLICIES, clock, onTrouble })
    const running = watch.run()
    await watch.upTo(positionOf(engine))
    const hold = (order: string) => event('erp', 'credit.held', `order/${order}`, '01:00')
    await engine.submit([...readyOrder('A1'), ...readyOrder('A2'), hold('A1'), hold('A2')])
    await watch.upTo(positionOf(engine))
    await watch.tick()
    expect(troubles).toEqual(['exceptions of A1 are not up to date: no such block'])
    expect([watch.openIn('A1').length, watch.openIn('A2').length]).toEqual([0, 1])
    isBroken = false
    await watch.tick()
    expect(watch.openIn('A1').map(({ kind }) => kind)).toEqual(['credit_hold'])
    watch.close()
    await running
    await engine.close()
  })

  it('[X10] are the last also where what opens was waited for: its family rests like others', async () => {
    const { clock, end, engine, ticks, watch } = await watched()
    await engine.submit([event('wms', 'shipment.acknowledged', 'shipment/S-9', '01:00')])
    const kinds = () => [...watch.openExceptions()].map(({ kind }) => kind).sort()
    // Second by second, so that each moment is looked at beforehand, until nothing is ahead.
    const comes = async (ms: number) => {
      for (clock.nowMs = ms - 10_000; clock.nowMs <= ms + 1_000; clock.nowMs += 1_000) await ticks(2)
    }
    await watch.upTo(positionOf(engine))
    const [family] = await engine.families(['ref:S-9'])
    await comes(family?.parked[0]?.untilMs as number)
    expect([kinds(), watch.armed]).toEqual([['parked_too_long', 'unknown_subject'], 0])
    await engine.submit(
      Array.from({ length: 1_001 }, (_, index) => [
        captured(`B${index}`, '00:30'),
        event('erp', 'order.rejected', `order/B${index}`, '01:00', { reason: 'credit' }),
      ]).flat(),
    )
    await watch.upTo(positionOf(engine))
    expect([...watch.openExceptions()].map(each => each instanceof RestingException)).toEqual([true, true])
    await end()
  })
})

describe('marks', () => {
  it('[X10] of orders that ended are at hand for the last thousand; of others the entries are read again', async () => {
    const { clock, engine } = await openMemoryEngine({ nowMs: msAt('02:00') })
    const read: string[] = []
    const counting: Engine = Object.create(engine, {
      entries: {
        value: (family: string, page: { after: number; first: number }) => {
          read.push(family)
          return engine.entries(family, page)
        },
      },
    })
    const watch = new Watch({ twin: counting, policies: DEFAULT_POLICIES, clock })
    const running = watch.run()
    const said = async (events: readonly EventInput[]) => {
      await engine.submit(events)
      await watch.upTo(positionOf(engine))
    }
    const ended = (order: string) => [
      captured(order, '00:30'),
      event('erp', 'order.rejected', `order/${order}`, '01:00', { reason: 'credit' }),
    ]
    const tooLate = (order: string, id: string) => ({ ...event('erp', 'order.closed', `order/${order}`, '01:30'), id })
    await said([...ended('A1'), ...ended('A2')])
    await said([tooLate('A1', 'first')])
    expect(read).toEqual([])
    const open = [...watch.openExceptions()].map(wholeOf)
    expect([...watch.openExceptions()]).toEqual(open)
    await said(Array.from({ length: 1_000 }, (_, index) => ended(`B${index}`)).flat())
    const still = [...watch.openExceptions()]
    expect(still.every(each => each instanceof RestingException)).toBe(true)
    expect(still.map(wholeOf)).toStrictEqual(open)
    await said([tooLate('A2', 'second'), tooLate('B999', 'third')])
    expect(read).toEqual(['A2'])
    expect(['A1', 'A2', 'B999'].flatMap(order => watch.openIn(order)).map(({ kind }) => kind)).toEqual(
      Array(3).fill('refused_event'),
    )
    // What was open in an order that rested is told as it was, when it closes.
    const told: unknown[] = []
    watch.listen(({ exception, kind }) => told.push(kind, exception))
    await said([discard('A1', tooLate('A1', 'first'))])
    expect(told).toStrictEqual(['closed', open[0]])
    watch.close()
    await running
    await engine.close()
  })

  it.each([1, 2, 3, 4, 5, 6])(
    '[X10] kept along the way are those of all entries, or say that they are not: shuffled trace %i',
    seed => {
      const { events } = legalTrace({ seed, steps: 80, orders: 2 })
      const world = new MemoryWorld({ sources: SOURCES })
      const random = seededRandom(seed)
      // The same from somebody who may not say it: refused, and some of it late.
      const foreign = events
        .filter(() => random.chance(0.2))
        .map(each => ({ ...each, id: `x-${each.id}`, source: 'dhl' }))
      for (const each of shuffled([...events, ...foreign], random)) world.submit(each)
      let refused = 0
      for (const id of new Set(world.entries.map(({ family }) => family))) {
        const entries = world.history(id)
        let kept = new Marks()
        for (const [index, entry] of entries.entries()) {
          if (!kept.fold(entry)) kept = Marks.of(entries.slice(0, index + 1))
          const whole = Marks.of(entries.slice(0, index + 1))
          refused += whole.standingRefusals().length
          for (const marks of [kept, Marks.from(JSON.parse(JSON.stringify(kept.saved())))]) {
            expect(marks.standingRefusals()).toEqual(whole.standingRefusals())
            expect(marks.creditOpenPlace()).toBe(whole.creditOpenPlace())
            expect([marks.acceptedPlace, marks.paidPlace]).toEqual([whole.acceptedPlace, whole.paidPlace])
          }
        }
      }
      expect(refused).toBeGreaterThan(0)
    },
  )
})
