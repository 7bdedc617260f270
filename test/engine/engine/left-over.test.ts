import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../engine/engine.ts'
import { captured, event, lineOf, readyOrder, released } from '../../helpers/distributor.ts'
import { failingAfter, openMemoryEngine } from '../../helpers/memory-engine.ts'
import { keyDisk } from '../../helpers/memory-keys.ts'
import { orderOf } from '../../helpers/memory-world.ts'
import { allEntries } from '../../helpers/store-truth.ts'

const amended = (order: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    event('erp', 'order.amended', `order/${order}`, 20 + index, { lines: [lineOf(5, `A-${index}`)] }),
  )

const codes = async (engine: Engine, events: readonly unknown[]) =>
  (await engine.submit(events)).map(({ outcome }) => outcome)

/** How many lines the order has, and how many of its events wait. */
async function linesOf(engine: Engine, order: string) {
  const family = await engine.family(order)
  if (family === undefined) throw new Error(`${order} is not known`)
  return [orderOf(family).lines.length, family.parked.length]
}

/** Until the engine has nothing to do; how often others had their turn meanwhile. */
async function rest(engine: Engine) {
  let turns = 0
  for (; engine.isBusy; turns++) await new Promise(resolve => setImmediate(resolve))
  return turns
}

describe('what one turn has no room to wake', () => {
  // Three events a turn.
  const limits = { wakeLinesMax: 300 }

  test('[W1] [E5] goes on behind the next events that are written, where the disk was full', async () => {
    let appends = 0
    let roomFor = 2
    const { engine, troubles } = await openMemoryEngine({ limits, hasRoom: () => ++appends - 1 <= roomFor })
    await engine.submit(amended('O-1', 12))
    expect(await codes(engine, [captured('O-1', '00:10')])).toEqual(['accepted'])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([4, 9])
    // It was tried once, and waits: a full disk is not asked over and over.
    expect(troubles).toHaveLength(1)
    expect(await codes(engine, [captured('X-1', '00:10')])).toEqual(['journal_unavailable'])
    await rest(engine)
    expect(troubles).toHaveLength(2)
    roomFor = Number.POSITIVE_INFINITY
    expect(await codes(engine, [captured('X-1', '00:10')])).toEqual(['accepted'])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([13, 0])
    await engine.close()
  })

  test('[W1] [Y1] so it does where no key could be made', async () => {
    const { engine, memory } = await openMemoryEngine({ limits })
    const disk = keyDisk(memory)
    await engine.submit(amended('O-1', 12))
    // A page of keys has 512, and each order with somebody's name takes one: the last is for the order's own capture.
    const named = (order: string) => captured(order, '00:10', { shipTo: { name: 'Ann', country: 'DE' } })
    await engine.submit(Array.from({ length: 511 }, (_, index) => named(`K-${index}`)))
    disk.fault = call => (call.operation === 'write' ? { kind: 'error', code: 'ENOSPC' } : undefined)
    expect(await codes(engine, [named('O-1')])).toEqual(['accepted'])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([4, 9])
    disk.fault = () => undefined
    expect(await codes(engine, [captured('X-1', '00:10')])).toEqual(['accepted'])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([13, 0])
    await engine.close()
  })

  test('[W1] [E1] lets events of others in, however many families it is of', async () => {
    const { engine } = await openMemoryEngine({ limits: { wakeLinesMax: 100, batchEventsMax: 4 } })
    const orders = Array.from({ length: 12 }, (_, index) => `O-${index}`)
    await engine.submit(orders.flatMap(order => amended(order, 4)))
    await engine.submit(orders.map(order => captured(order, '00:10')))
    await engine.submit([captured('X-1', '00:10')])
    let waiting = 0
    for (const order of orders) waiting += (await linesOf(engine, order))[1] ?? 0
    expect(waiting).toBeGreaterThan(12)
    await engine.close()
    for (const order of orders) expect(await linesOf(engine, order)).toEqual([5, 0])
  })

  // Of earlier places than what moves: each of them is judged as of every moment since, again and again.
  const stuck = (order: string, count: number) =>
    Array.from({ length: count }, (_, index) =>
      event('erp', 'invoice.posted', `order/${order}`, 15, {
        invoice: `I-${index}`,
        amountMinor: 500,
        currency: 'USD',
        lines: [{ line: `Z-${index}`, quantity: 1 }],
      }),
    )

  test('[W1] [E1] is bounded by what it takes to find that others wait on, too', async () => {
    // Room for all that is written: twelve invoices that wait for something else now, and twelve amendments.
    const { engine } = await openMemoryEngine({ limits: { wakeLinesMax: 2_500 } })
    await engine.submit([...stuck('O-1', 12), ...amended('O-1', 12)])
    await engine.submit([captured('O-1', '00:10')])
    const [lines = 0, waiting = 0] = await linesOf(engine, 'O-1')
    expect([lines + waiting, waiting > 12]).toEqual([25, true])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([13, 12])
    await engine.close()
  })

  test('[W1] gets past what cannot move, however little room a turn has', async () => {
    const { engine } = await openMemoryEngine({ limits: { wakeLinesMax: 1 } })
    await engine.submit([...stuck('O-1', 6), ...amended('O-1', 6)])
    await engine.submit([captured('O-1', '00:10')])
    await rest(engine)
    expect(await linesOf(engine, 'O-1')).toEqual([7, 6])
    await engine.close()
  })

  test('[W1] [E3] is woken in a preview too, before the event that rests on it', async () => {
    const orders = Array.from({ length: 12 }, (_, index) => `O-${index}`)
    const lives = orders.map(order => readyOrder(order))
    const events = [
      ...lives.flatMap(([, ...rest]) => rest),
      ...lives.flatMap(([capture]) => capture ?? []),
      ...orders.map(order => released(order, `S-${order}`, '01:00')),
    ]
    const { engine } = await openMemoryEngine({ limits })
    const previewed = (await engine.preview(events)).map(({ outcome }) => outcome)
    expect(previewed.slice(-12)).toEqual(Array(12).fill('accepted'))
    const sent = []
    for (const each of events) sent.push(...(await codes(engine, [each])))
    expect(sent).toEqual(previewed)
    await engine.close()
  })

  test('[W1] [E5] ends with a journal that takes nothing more, and nothing goes round for it', async () => {
    const { engine, memory } = await openMemoryEngine({ limits, commit: failingAfter(3) })
    await engine.submit(amended('O-1', 12))
    await engine.submit([captured('O-1', '00:10')])
    await rest(engine)
    expect(engine.health().ready).toBe(false)
    await engine.close()
    const again = await openMemoryEngine({ memory })
    expect(await linesOf(again.engine, 'O-1')).toEqual([4, 9])
    expect((await allEntries(again.engine)).length).toBeGreaterThan(0)
    await again.engine.close()
  })
})

describe('refusals that one turn has no room to judge again', () => {
  // Three a turn that turn, or thirty that stay refused.
  const limits = { wakeLinesMax: 300 }
  // Half pieces are refused while they are counted whole, and a fact of before says that they are not.
  const halves = (order: string, count: number, quantity = 2.5) =>
    Array.from({ length: count }, (_, index) =>
      event('crm', 'order.amended', `order/${order}`, 200 + index, { lines: [{ line: '1', quantity }] }),
    )
  const precise = (order: string) =>
    event('crm', 'order.amended', `order/${order}`, '02:00', { lines: [{ line: '1', precision: 1 }] })

  /** How many events were refused, and how many of those count by now. */
  async function turned(engine: Engine) {
    const entries = await allEntries(engine)
    const refused = entries.filter(({ detail }) => detail.code === 'unit_not_exact').map(entry => entry.event.id)
    const counted = entries.filter(({ verdict }) => verdict === 'accepted' || verdict === 'superseded')
    return [refused.length, counted.filter(entry => refused.includes(entry.event.id)).length]
  }

  test('[W4] [E1] are judged in the turns that follow, other events in between', async () => {
    const { engine } = await openMemoryEngine({ limits })
    await engine.submit([captured('O-1', '00:10'), ...halves('O-1', 12)])
    expect(await codes(engine, [precise('O-1')])).toEqual(['accepted'])
    expect(await turned(engine)).toEqual([12, 3])
    expect(await codes(engine, [captured('X-1', '00:10')])).toEqual(['accepted'])
    expect((await turned(engine))[1]).toBeLessThan(12)
    await rest(engine)
    expect(await turned(engine)).toEqual([12, 12])
    await engine.close()
  })

  test('[W4] [E1] count where they stay refused, too, and let others have their turn though nothing is written', async () => {
    const { engine } = await openMemoryEngine({ limits })
    await engine.submit([captured('O-1', '00:10'), ...halves('O-1', 150, 2.55), ...halves('O-1', 151).slice(150)])
    expect(await codes(engine, [precise('O-1')])).toEqual(['accepted'])
    expect(await turned(engine)).toEqual([151, 0])
    expect(await rest(engine)).toBeGreaterThan(3)
    expect(await turned(engine)).toEqual([151, 1])
    await engine.close()
  })

  test('[W4] [E5] go on behind the next events that are written, where the disk was full', async () => {
    let appends = 0
    let roomFor = 2
    const { engine, troubles } = await openMemoryEngine({ limits, hasRoom: () => ++appends - 1 <= roomFor })
    await engine.submit([captured('O-1', '00:10'), ...halves('O-1', 12)])
    expect(await codes(engine, [precise('O-1')])).toEqual(['accepted'])
    await rest(engine)
    expect([await turned(engine), troubles.length]).toEqual([[12, 3], 1])
    roomFor = Number.POSITIVE_INFINITY
    await engine.submit([captured('X-1', '00:10')])
    await rest(engine)
    expect(await turned(engine)).toEqual([12, 12])
    await engine.close()
  })

  test('[W4] [E5] go on after a crash with whatever is said of their family next', async () => {
    const { engine, memory } = await openMemoryEngine({ limits, commit: failingAfter(3) })
    await engine.submit([captured('O-1', '00:10'), ...halves('O-1', 12)])
    await engine.submit([precise('O-1')])
    await rest(engine)
    await engine.close()
    const again = await openMemoryEngine({ memory, limits })
    expect(await turned(again.engine)).toEqual([12, 3])
    // It is of a later place than all of them, and is not even a fact.
    const late = event('crm', 'order.amended', 'order/O-1', '23:00', { lines: [{ line: '1', quantity: 2.55 }] })
    expect(await codes(again.engine, [late])).toEqual(['not_allowed_in_state'])
    await rest(again.engine)
    expect(await turned(again.engine)).toEqual([13, 12])
    await again.engine.close()
  })

  test('[W4] [E3] are judged again in a preview too, before the event that rests on them', async () => {
    const { engine } = await openMemoryEngine({ limits })
    await engine.submit([captured('O-1', '00:10'), ...halves('O-1', 5)])
    // The capture, the late fact, three that turn with it, and two in the next turn.
    const resting = event('erp', 'order.validated', 'order/O-1', '06:00', {}, { expectedversion: 7 })
    const previewed = await engine.preview([precise('O-1'), resting])
    expect(previewed.map(({ outcome }) => outcome)).toEqual(['accepted', 'accepted'])
    await engine.close()
  })

  test('[W4] [E8] make no event too large that has them judged again', async () => {
    const { engine } = await openMemoryEngine({ limits: { unitBytesMax: 8_000 } })
    const long = halves('O-1', 12).map(each => ({
      ...each,
      data: { ...(each.data as object), note: 'x'.repeat(1_000) },
    }))
    await engine.submit([captured('O-1', '00:10'), ...long])
    expect(await codes(engine, [precise('O-1')])).toEqual(['accepted'])
    await rest(engine)
    expect(await turned(engine)).toEqual([12, 12])
    await engine.close()
  })
})

describe('what waits under a number and one turn has no room to bring to who holds it', () => {
  // An entry under the number and one of the order for each event: two come in a turn.
  const limits = { wakeLinesMax: 300 }
  const attempted = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      event('tms', 'delivery.attempted', 'shipment/S-1', 300 - index, { reason: `Ann was out ${index}` }),
    )
  const early = async (engine: Engine, count: number) => {
    await engine.submit([...readyOrder('O-1'), ...attempted(count)])
    return codes(engine, [released('O-1', 'S-1', '01:00')])
  }

  /** The events that came to the order, in the order they did, and how many wait yet. */
  async function brought(engine: Engine) {
    const entries = await allEntries(engine)
    const counts = entries.filter(({ family, event }) => family === 'O-1' && event.type === 'delivery.attempted')
    const waiting = entries.filter(({ family }) => family === 'ref:S-1')
    const freed = waiting.flatMap(({ frees }) => frees)
    return {
      places: counts.map(({ place }) => place),
      waiting: waiting.filter(({ parks }) => parks !== undefined).length - freed.length,
    }
  }

  test('[W2] [E1] follows in later turns, earliest place first, other events in between', async () => {
    const { engine } = await openMemoryEngine({ limits })
    expect(await early(engine, 12)).toEqual(['accepted'])
    expect((await brought(engine)).waiting).toBe(10)
    expect(await codes(engine, [captured('X-1', '00:10')])).toEqual(['accepted'])
    expect((await brought(engine)).waiting).toBeGreaterThan(0)
    await rest(engine)
    const { places, waiting } = await brought(engine)
    expect([places.length, waiting]).toEqual([12, 0])
    expect(places).toEqual([...places].sort())
    await engine.close()
  })

  test('[W2] [E5] goes on behind the next events that are written, where the disk was full', async () => {
    let appends = 0
    let roomFor = 2
    const { engine, troubles } = await openMemoryEngine({ limits, hasRoom: () => ++appends - 1 <= roomFor })
    expect(await early(engine, 12)).toEqual(['accepted'])
    await rest(engine)
    expect([(await brought(engine)).waiting, troubles.length]).toEqual([10, 1])
    roomFor = Number.POSITIVE_INFINITY
    await engine.submit([captured('X-1', '00:10')])
    await rest(engine)
    expect((await brought(engine)).waiting).toBe(0)
    await engine.close()
  })

  test('[W2] [E5] goes on by itself after a crash, as soon as the twin is open', async () => {
    const { engine, memory } = await openMemoryEngine({ limits, commit: failingAfter(3) })
    await early(engine, 12)
    await rest(engine)
    await engine.close()
    const again = await openMemoryEngine({ memory, limits })
    expect((await brought(again.engine)).waiting).toBe(10)
    await rest(again.engine)
    const { places, waiting } = await brought(again.engine)
    expect([places.length, waiting]).toEqual([12, 0])
    expect(
      (await allEntries(again.engine))
        .filter(({ family }) => family === 'ref:S-1')
        .every(({ cause, parks }) => parks !== undefined || cause !== undefined),
    ).toBe(true)
    await again.engine.close()
  })

  test('[W2] [E8] makes no event too large that teaches the number', async () => {
    const { engine } = await openMemoryEngine({ limits: { unitBytesMax: 2_000 } })
    const long = attempted(12).map(each => ({ ...each, data: { reason: 'x'.repeat(400) } }))
    await engine.submit([...readyOrder('O-1'), ...long])
    expect(await codes(engine, [released('O-1', 'S-1', '01:00')])).toEqual(['accepted'])
    await rest(engine)
    expect((await brought(engine)).waiting).toBe(0)
    await engine.close()
  })

  test('[W2] [E12] is brought there before the order is erased, and erased with it', async () => {
    const { engine } = await openMemoryEngine({ limits })
    expect(await early(engine, 12)).toEqual(['accepted'])
    expect(await engine.erase({ ref: 'O-1', by: 'dpo', reason: 'asked on paper 17' })).toMatchObject({ kind: 'erased' })
    expect((await brought(engine)).waiting).toBe(0)
    expect(JSON.stringify(engine.opened(await allEntries(engine)))).not.toContain('Ann ')
    await engine.close()
  })

  test('[W2] [E12] [Y1] holds up the erasure where it cannot be written, and is tried again with it', async () => {
    const { engine, memory } = await openMemoryEngine({ limits })
    const disk = keyDisk(memory)
    await engine.submit([...readyOrder('O-1'), ...attempted(12)])
    // A page of keys has 512: the last is for the order.
    const named = (order: string) => captured(order, '00:10', { shipTo: { name: 'Bob', country: 'DE' } })
    await engine.submit(Array.from({ length: 499 }, (_, index) => named(`K-${index}`)))
    disk.fault = call => (call.operation === 'write' ? { kind: 'error', code: 'ENOSPC' } : undefined)
    expect(await codes(engine, [released('O-1', 'S-1', '01:00')])).toEqual(['accepted'])
    await rest(engine)
    expect((await brought(engine)).waiting).toBe(10)
    const request = { ref: 'O-1', by: 'dpo', reason: 'asked on paper 17' }
    expect(await engine.erase(request)).toMatchObject({ kind: 'unavailable' })
    disk.fault = () => undefined
    expect(await engine.erase(request)).toMatchObject({ kind: 'erased' })
    expect((await brought(engine)).waiting).toBe(0)
    expect(JSON.stringify(engine.opened(await allEntries(engine)))).not.toContain('Ann ')
    await engine.close()
  })
})
