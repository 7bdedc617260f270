// What deciding needs is brought into memory, however much it is and however little may stay; what cannot be is set aside alone.
import { describe, expect, test } from 'vitest'
import type { Directory } from '../../../engine/directory.ts'
import type { Engine } from '../../../engine/engine.ts'
import { othersTurn } from '../../../engine/others-turn.ts'
import type { Outcome } from '../../../engine/outcome.ts'
import type { EventInput } from '../../../machines/event.ts'
import { act } from '../../helpers/acts.ts'
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
const inOneLoad = (order: string) => [
  ...readyOrder(order),
  released(order, `S-${order}`, '01:00', 10, { consignment: 'C-1' }),
]

async function submitted(engine: Engine, events: readonly EventInput[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const each of events) outcomes.push(...(await engine.submit([each])))
  return outcomes
}

describe('loading', () => {
  test('[E2] a consignment of more orders than may stay in memory is judged in each of them', async () => {
    const { engine, troubles } = await openMemoryEngine({ limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 } })
    await engine.submit(orderIds(100).flatMap(inOneLoad))
    const scan = event('tms', 'shipment.in_transit', 'ref/consignment/C-1', '02:00')
    const [scanned] = await engine.submit([scan])
    expect(scanned?.families?.map(each => each.outcome)).toEqual(orderIds(100).map(() => 'accepted'))
    const [, , , , joined] = await submitted(engine, inOneLoad('O-101'))
    expect(joined).toMatchObject({ outcome: 'accepted' })
    expect((await engine.family('O-101'))?.actors.get('shipment/EAST/S-O-101')?.state).toMatch(/^in_transit/)
    expect(troubles).toEqual([])
  })

  test('[E2] what an act is about is loaded at once, not one family a turn', async () => {
    const { asked, store } = countedReads(forgetfulStore())
    const { engine } = await openMemoryEngine({
      store,
      limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 },
    })
    await engine.submit(orderIds(60).map(order => captured(order, '00:10')))
    await engine.submit(orderIds(60).map(order => event('wms', 'order.accepted', `order/${order}`, '00:20')))
    const about = orderIds(60).map(family => ({ family, exception: 'refused_event|order|x' }))
    asked.times = 0
    const [outcome] = await engine.submit([act('exception.noted', 'O-1', { about, text: 'the wrong system' })])
    expect([outcome?.outcome, outcome?.families?.length, asked.times]).toEqual(['accepted', 60, 1])
  })

  test('[E2] so is a preview of it', async () => {
    const { engine } = await openMemoryEngine({ limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 } })
    await engine.submit(orderIds(100).flatMap(inOneLoad))
    const joining = [event('tms', 'shipment.in_transit', 'ref/consignment/C-1', '02:00'), ...inOneLoad('O-101')]
    const outcomes = await engine.preview(joining)
    expect(outcomes.map(each => each.outcome)).toEqual(joining.map(() => 'accepted'))
  })

  test('[E8] reading leaves no more in memory than may stay', async () => {
    const { engine } = await openMemoryEngine({ limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 } })
    await engine.submit(orderIds(100).map(order => captured(order, '00:10')))
    const families = await Promise.all(orderIds(100).map(order => engine.family(order)))
    expect(families.map(family => family?.id)).toEqual(orderIds(100))
    const found = await Promise.all(orderIds(100).map(order => engine.find(order)))
    expect(found.map(each => each.kind)).toEqual(orderIds(100).map(() => 'found'))
    expect(liveFamilies(engine)).toBe(LIVE_MAX)
  })

  test('[E8] [L5] what is not used for longer is packed, written when it leaves, and read again as it was', async () => {
    const store = forgetfulStore()
    const written: string[] = []
    const counting = {
      ...store,
      write(rows: Parameters<typeof store.write>[0]) {
        written.push(...rows.map(({ key }) => key))
        return store.write(rows)
      },
    }
    const { engine, troubles } = await openMemoryEngine({
      store: counting,
      limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 10 },
    })
    await submitted(
      engine,
      orderIds(13).map(order => captured(order, '00:10')),
    )
    expect([liveFamilies(engine), packedFamilies(engine), written]).toEqual([LIVE_MAX, 10, []])
    const validations = orderIds(13).map(order => event('erp', 'order.validated', `order/${order}`, '00:20'))
    expect(await submitted(engine, validations)).toMatchObject(orderIds(13).map(() => ({ outcome: 'accepted' })))
    expect([liveFamilies(engine), packedFamilies(engine), written]).toEqual([LIVE_MAX, 10, []])
    for (const order of orderIds(13)) {
      expect((await engine.family(order))?.actors.order).toMatchObject({ version: 2 })
      expect((await engine.entries(order, { after: 0, first: 5 })).length).toBe(2)
    }
    await submitted(engine, [captured('O-14', '00:30')])
    expect(new Set(written).size).toBe(1)
    expect(troubles).toEqual([])
    await engine.close()
    expect(new Set(written).size).toBe(14)
  })

  test('[L5] closing writes all of them, also while readers bring others into memory', async () => {
    const store = forgetfulStore()
    const written = new Set<string>()
    const reading = {
      ...store,
      async write(rows: Parameters<typeof store.write>[0]) {
        for (const { key } of rows) written.add(key)
        await Promise.all(orderIds(6).map(order => engine.family(order)))
        return true
      },
    }
    const { engine } = await openMemoryEngine({
      store: reading,
      limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 3 },
    })
    await submitted(
      engine,
      orderIds(6).map(order => captured(order, '00:10')),
    )
    await engine.close()
    expect(written.size).toBe(6)
  })

  test('[L5] what is packed while a reader waits for the store is taken from there', async () => {
    const { hold, store: slow } = heldReads(forgetfulStore())
    const { asked, store } = countedReads(slow)
    const go = hold()
    let isDamaged = false
    const { engine } = await openMemoryEngine({
      store,
      limits: { liveFamiliesMax: 1, packedFamiliesMax: 1 },
      isDamaged: () => isDamaged,
    })
    await submitted(
      engine,
      orderIds(3).map(order => captured(order, '00:10')),
    )
    // On its way it would be taken back.
    await othersTurn()
    const early = engine.family('O-1')
    await othersTurn()
    expect(asked.times).toBe(1)
    const validated = event('erp', 'order.validated', 'order/O-1', '00:20')
    await submitted(engine, [validated, event('erp', 'order.validated', 'order/O-2', '00:20')])
    // It could only be made again from its entries now.
    isDamaged = true
    go()
    expect((await early)?.actors.order?.version).toBe(2)
    await engine.close()
  })

  test('[E1] [E8] a preview leaves no more either', async () => {
    const { engine } = await openMemoryEngine({ limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 } })
    await engine.submit(orderIds(100).map(order => captured(order, '00:10')))
    await engine.preview(orderIds(100).map(order => event('erp', 'order.validated', `order/${order}`, '00:20')))
    await engine.family('O-1')
    expect(liveFamilies(engine)).toBe(LIVE_MAX)
  })

  test('[E1] [E8] a preview of what the disk does not give is answered, and turns go on', async () => {
    let isFailing = false
    const isDamaged = () => {
      if (isFailing) throw new Error('the disk does not answer')
      return false
    }
    const limits = { liveFamiliesMax: 0, packedFamiliesMax: 0 }
    const { engine, troubles } = await openMemoryEngine({ store: forgetfulStore(), limits, isDamaged })
    await engine.submit([captured('O-1', '00:10')])
    isFailing = true
    const late = event('erp', 'order.validated', 'order/O-1', '00:20')
    expect(await engine.preview([late])).toMatchObject([{ id: late.id, outcome: 'overloaded' }])
    expect(await engine.foresee(late)).toMatchObject({ outcome: { outcome: 'overloaded' }, entries: [] })
    expect(troubles).toEqual(Array(2).fill('nothing was previewed: the disk does not answer'))
    expect(await engine.submit([captured('O-2', '00:10')])).toMatchObject([{ outcome: 'accepted' }])
    await engine.close()
  })

  test('[L1] a family whose entries do not lead to where its last one is said to be is refused, not read for ever', async () => {
    const { engine } = await openMemoryEngine({
      store: forgetfulStore(),
      limits: { liveFamiliesMax: 1, packedFamiliesMax: 0 },
    })
    await engine.submit(orderIds(2).map(order => captured(order, '00:10')))
    const directory = engine.rows as Directory
    directory.noteFamily('O-1', -1)
    await expect(engine.family('O-1')).rejects.toThrow('the entries of O-1 end at 0')
  })

  test('[E1] a family whose entries do not verify is set aside alone, and that is told once', async () => {
    const isDamaged = (position: number) => position === 2
    const { engine, troubles } = await openMemoryEngine({
      limits: { liveFamiliesMax: LIVE_MAX, packedFamiliesMax: 0 },
      store: forgetfulStore(),
      isDamaged,
    })
    const said = orderIds(10).map(order => captured(order, '00:10'))
    await submitted(engine, said)
    const validations = orderIds(10).map(order => event('erp', 'order.validated', `order/${order}`, '00:20'))
    const outcomes = await engine.submit(validations)
    expect(outcomes.map(each => each.outcome)).toEqual(['overloaded', ...orderIds(9).map(() => 'accepted')])
    expect(outcomes[0]).toMatchObject({ code: 'family_quarantined' })
    const again = await engine.submit(said)
    expect(again.map(each => each.outcome)).toEqual(['overloaded', ...orderIds(9).map(() => 'duplicate')])
    expect(troubles).toEqual(['family O-1 is set aside: its entries in the journal do not verify'])
    await expect(engine.family('O-1')).rejects.toThrow('position 2 does not verify')
  })
})
