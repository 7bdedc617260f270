// Questions beside the turns: what they are told is as of one moment, they end, and they leave memory to those that events come for.
import { describe, expect, test } from 'vitest'
import { Directory } from '../../../engine/directory.ts'
import type { Engine } from '../../../engine/engine.ts'
import { Families } from '../../../engine/families.ts'
import { emptyFamily } from '../../../engine/family.ts'
import { openMemoryJournal } from '../../../engine/journal/memory-journal.ts'
import { othersTurn } from '../../../engine/others-turn.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import type { EventInput } from '../../../machines/event.ts'
import { captured, event, orderIds, readyOrder, released } from '../../helpers/distributor.ts'
import {
  countedReads,
  forgetfulStore,
  heldReads,
  liveFamilies,
  openMemoryEngine,
  packedFamilies,
} from '../../helpers/memory-engine.ts'

const LIVE_MAX = 3

async function submitted(engine: Engine, events: readonly EventInput[]): Promise<void> {
  for (const each of events) await engine.submit([each])
}

describe('questions', () => {
  test('[L6] who asks about old orders once drives out none that events come for, and reads what is packed as it stands', async () => {
    const { asked, store } = countedReads(memoryFamilyStore())
    const { engine } = await openMemoryEngine({
      store,
      limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 3 },
    })
    await submitted(
      engine,
      orderIds(10).map(order => captured(order, '00:10')),
    )
    const kept = [liveFamilies(engine), packedFamilies(engine)]
    const families = await engine.families(orderIds(10))
    expect(families.map(({ id, head }) => [id, head > 0])).toEqual(orderIds(10).map(order => [order, true]))
    for (const order of orderIds(10)) expect(await engine.entries(order, { after: 0, first: 5 })).toHaveLength(1)
    expect([liveFamilies(engine), packedFamilies(engine)]).toEqual(kept)
    asked.families = 0
    const open = orderIds(10).slice(-6)
    await submitted(
      engine,
      open.map(order => event('erp', 'order.validated', `order/${order}`, '00:20')),
    )
    expect(asked.families).toBe(0)
  })

  test('[L6] what is asked for once more, as the first page of a list is, is kept and not read again', async () => {
    const { asked, store } = countedReads(memoryFamilyStore())
    const limits = { liveFamiliesMax: 1_000, packedFamiliesMax: 0 }
    const others = Array.from({ length: 300 }, (_, index) => `P-${index}`)
    const { engine, memory } = await openMemoryEngine({ store, limits })
    await engine.submit([...orderIds(5), ...others].map(order => captured(order, '00:10')))
    await engine.close()
    const again = await openMemoryEngine({ store, limits, memory })
    asked.families = 0
    const page = () => again.engine.families(orderIds(5))
    expect((await page()).map(({ id }) => id)).toEqual(orderIds(5))
    // The same question asks several times.
    expect((await page()).map(({ id }) => id)).toEqual(orderIds(5))
    expect(await again.engine.entries('O-1', { after: 0, first: 5 })).toHaveLength(1)
    expect([asked.families, liveFamilies(again.engine)]).toEqual([5, 0])
    for (const id of others) await again.engine.family(id)
    asked.families = 0
    expect((await page()).map(({ id }) => id)).toEqual(orderIds(5))
    expect([asked.families, liveFamilies(again.engine)]).toEqual([5, 5])
    for (const id of others.slice(0, 3)) await again.engine.family(id)
    asked.families = 0
    await page()
    expect(asked.families).toBe(0)
  })

  test('[L6] parts of one question that ask at the same time are not once more', async () => {
    const { engine, memory, store } = await openMemoryEngine()
    await engine.submit(orderIds(20).map(order => captured(order, '00:10')))
    await engine.close()
    const again = await openMemoryEngine({ store, memory })
    await Promise.all(orderIds(20).map(order => Promise.all([again.engine.find(order), again.engine.family(order)])))
    expect(liveFamilies(again.engine)).toBe(0)
  })

  test('[L6] a page of 200 is read from the store once, however many parts ask for it', async () => {
    const { asked, store } = countedReads(memoryFamilyStore())
    const { engine, memory } = await openMemoryEngine({ store })
    await engine.submit(orderIds(200).map(order => captured(order, '00:10')))
    await engine.close()
    const again = await openMemoryEngine({ store, memory })
    asked.families = 0
    await again.engine.families(orderIds(200))
    for (const order of orderIds(200)) await again.engine.entries(order, { after: 0, first: 5 })
    expect(asked.families).toBe(200)
  })

  test('[E3] who holds a number is told as of one moment, though it moves while families are read', async () => {
    const { hold, store } = heldReads(memoryFamilyStore())
    const { engine } = await openMemoryEngine({ store, limits: { liveFamiliesMax: 0, packedFamiliesMax: 0 } })
    const inLoad = { consignment: 'K' }
    await engine.submit([...readyOrder('O-1'), released('O-1', 'S-1', '01:00', 10, inLoad), ...readyOrder('O-2')])
    while (engine.isBusy) await othersTurn()
    const go = hold()
    const found = engine.find('consignment/K')
    await othersTurn()
    const moved = event('wms', 'shipment.cancelled', 'shipment/S-1', '01:30', { reason: 'moved' })
    expect(await engine.submit([moved, released('O-2', 'S-2', '02:00', 10, inLoad)])).toMatchObject([
      { outcome: 'accepted' },
      { outcome: 'accepted' },
    ])
    go()
    expect(await found).toMatchObject({ kind: 'found', holders: [{ family: { id: 'O-2' } }] })
  })

  test('[E8] a page of orders that nobody has is answered, though events of others come between any two reads', async () => {
    let reads = 0
    const reading = async () => {
      reads++
      if (!isAsking) return
      await engine.submit(orderIds(5).map(order => captured(`${order}-${reads}`, '00:30')))
    }
    let isAsking = false
    const limits = { liveFamiliesMax: 2, packedFamiliesMax: 2 }
    const { engine } = await openMemoryEngine({ store: forgetfulStore(), limits, reading })
    await engine.submit(orderIds(6).map(order => captured(order, '00:10')))
    await engine.submit(orderIds(9).map(order => captured(`P-${order}`, '00:20')))
    // What leaves is at hand until it is written.
    while (engine.isBusy) await othersTurn()
    await othersTurn()
    isAsking = true
    reads = 0
    expect((await engine.families(orderIds(6))).map(({ id }) => id)).toEqual(orderIds(6))
    expect(reads).toBe(6)
  })

  test('[L1] what is in memory is told as it is where folding it broke, and never waits for its head', async () => {
    const directory = new Directory({ a: 1, b: 2 })
    directory.noteFamily('O-1', 1)
    let asked = 0
    const store = memoryFamilyStore()
    const families = new Families({
      journal: openMemoryJournal(),
      store: {
        ...store,
        async readMany(keys) {
          if (++asked > 3) throw new Error('asked over and over')
          return store.readMany(keys)
        },
      },
      directory,
      liveMax: 10,
      packedMax: 10,
      onTrouble: () => undefined,
    })
    const family = { ...emptyFamily('O-1'), head: 2 }
    families.commit(new Map([['O-1', family]]), [])
    expect(await families.read(['O-1'])).toEqual([family])
  })

  test('[E3] [E9] closing waits for what was taken, whenever it came, and its checkpoint says up to where it goes', async () => {
    for (let steps = 0; steps < 12; steps++) {
      const saved: number[] = []
      const checkpoints = {
        read: async () => undefined,
        write: async ({ position }: { position: number }) => saved.push(position),
      }
      const { engine, memory } = await openMemoryEngine({ checkpoints })
      await engine.submit([captured('O-1', '00:10')])
      // Somewhere between the last look for events and the end of the turns.
      for (let step = 0; step < steps; step++) await undefined
      const late = engine.submit([captured('O-2', '00:10')])
      await engine.close()
      expect(await late).toMatchObject([{ outcome: 'accepted' }])
      expect(saved).toEqual([memory.commits.at(-1)?.after.position])
    }
  })
})
