// Erasure in the real engine: what was said of people is gone wherever it went, what happened stays, and nothing comes back.
import { describe, expect, test } from 'vitest'
import type { Engine } from '../../../engine/engine.ts'
import type { EventInput } from '../../../machines/event.ts'
import { act } from '../../helpers/acts.ts'
import { captured, event, readyOrder, released } from '../../helpers/distributor.ts'
import { openMemoryEngine } from '../../helpers/memory-engine.ts'
import { keyDisk } from '../../helpers/memory-keys.ts'

// Each has a character that digests and sealed texts never have: looked for in them, none is found by chance.
const ANN = { name: 'Ann Miller', street: '1 Elm', city: 'Ulm', phone: '+1 555', email: 'ann@example.org' }
const withAnn = (order: string) => readyOrder(order, { shipTo: ANN })
const request = (ref: string) => ({ ref, by: 'dpo', reason: 'asked on paper 17' })

const toldOf = async (engine: Engine, family: string): Promise<string> => {
  const entries = await engine.entries(family, { after: 0, first: 1_000 })
  return JSON.stringify([engine.opened(entries), engine.opened(await engine.family(family))])
}

const shipToOf = async (engine: Engine, order: string) => {
  const context = engine.opened((await engine.family(order))?.actors.order?.context) as { shipTo?: object } | undefined
  return context?.shipTo
}

const codes = async (engine: Engine, events: readonly EventInput[]) =>
  (await engine.submit(events)).map(({ code, outcome }) =>
    outcome === 'accepted' ? outcome : `${outcome} ${code ?? ''}`.trim(),
  )

describe('[E12] an order', () => {
  test('is erased: nothing personal is told, the rest is as it was, other orders keep theirs', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit([...withAnn('O-1'), ...withAnn('O-2')])
    expect(await shipToOf(engine, 'O-1')).toEqual(ANN)
    const states = (await engine.family('O-1'))?.actors.order?.state
    expect(await engine.erase(request('ERP-O-1'))).toMatchObject({
      kind: 'erased',
      erasure: { family: 'O-1', by: 'dpo', reason: 'asked on paper 17' },
    })
    expect(await toldOf(engine, 'O-1')).not.toMatch(/Ann |1 Elm|\+1 555|@/)
    const erased = '[erased]'
    expect(await shipToOf(engine, 'O-1')).toEqual({
      name: erased,
      street: erased,
      city: 'Ulm',
      phone: erased,
      email: erased,
    })
    expect((await engine.family('O-1'))?.actors.order?.state).toBe(states)
    expect(await shipToOf(engine, 'O-2')).toEqual(ANN)
    expect(engine.erasure('O-1')).toBeDefined()
    expect(engine.erasure('O-2')).toBeUndefined()
    await engine.close()
  })

  test('goes on: later events are judged, what they say of people is not kept', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(withAnn('O-1'))
    await engine.erase(request('O-1'))
    const later = [
      released('O-1', 'S-1', '01:00', 10, { shipTo: ANN }),
      event('shop', 'order.change_requested', 'order/O-1', '01:10', { ask: 'A', remark: 'for Ann Miller' }),
    ]
    expect(await codes(engine, later)).toEqual(['accepted', 'accepted'])
    expect(await toldOf(engine, 'O-1')).not.toContain('Ann ')
    await engine.close()
  })

  test('that is sent again is a duplicate still; other content under its id is not', async () => {
    const { engine } = await openMemoryEngine()
    const [first, ...rest] = withAnn('O-1') as [EventInput, ...EventInput[]]
    await engine.submit([first, ...rest])
    const data = first.data as Record<string, unknown>
    const elsewhere = { ...first, data: { ...data, shipTo: { ...ANN, name: 'Bob' } } }
    const other = { ...first, data: { ...data, customer: 'C-2' } }
    expect(await codes(engine, [first, elsewhere])).toEqual(['duplicate', 'id_reused id_reused'])
    await engine.erase(request('O-1'))
    // Nobody can tell any more what the name was.
    expect(await codes(engine, [first, elsewhere, other])).toEqual(['duplicate', 'duplicate', 'id_reused id_reused'])
    await engine.close()
  })

  test('is erased once: asking again changes nothing', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(withAnn('O-1'))
    const first = await engine.erase(request('O-1'))
    const { position } = engine.head()
    expect(await engine.erase(request('O-1'))).toEqual(first)
    expect(engine.head().position).toBe(position)
    await engine.close()
  })

  test('nobody knows, and a number that several orders have, erase nothing', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit([
      ...readyOrder('O-1', { poNumber: 'PO' }),
      ...readyOrder('O-2', { poNumber: 'PO', company: 'EU01' }),
    ])
    expect(await engine.erase(request('nothing'))).toEqual({ kind: 'unknown' })
    expect(await engine.erase(request('PO'))).toMatchObject({ kind: 'ambiguous' })
    await engine.close()
  })
})

describe('[E12] what was said before it was clear of whom', () => {
  const delivered = (number: string, who: string) =>
    event('ups', 'delivery.completed', `ref/${number}`, '09:00', { proof: { signedBy: who } }, { dataschema: 2 })

  test('goes with the order it turned out to be of', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit([delivered('1Z-1', 'Ann Miller')])
    expect(await toldOf(engine, 'ref:1Z-1')).toContain('Ann Miller')
    await engine.submit([
      ...withAnn('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('tms', 'shipment.booked', 'shipment/S-1', '02:00', { carrier: 'UPS', tracking: '1Z-1' }),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity: 10 }] }),
    ])
    expect(await toldOf(engine, 'O-1')).toContain('"signedBy":"Ann Miller"')
    await engine.erase(request('O-1'))
    expect(await toldOf(engine, 'ref:1Z-1')).not.toContain('Ann ')
    expect(await toldOf(engine, 'O-1')).not.toContain('Ann ')
    await engine.close()
  })

  test('what was written of the order before anybody knew it goes with it', async () => {
    const { engine } = await openMemoryEngine()
    const [refused] = await engine.submit([act('exception.noted', 'O-1', { text: 'Ann called' })])
    expect(refused?.code).toBe('unknown_subject')
    await engine.submit(withAnn('O-1'))
    expect(await toldOf(engine, 'ref:O-1')).toContain('Ann called')
    await engine.erase(request('O-1'))
    expect(await toldOf(engine, 'ref:O-1')).not.toContain('Ann ')
    await engine.close()
  })

  test.each([
    ['first', ['O-1', 'ref:1Z-1']],
    ['last', ['ref:1Z-1', 'O-1']],
  ])('of a note of the desk goes with the order wherever it is kept: the order named %s', async (_, families) => {
    const { engine } = await openMemoryEngine()
    await engine.submit([...withAnn('O-1'), delivered('1Z-1', 'Bob')])
    const about = families.map(family => ({ family, exception: 'lost|shipment/EAST/S-1|' }))
    const [outcome] = await engine.submit([act('exception.noted', 'O-1', { about, text: 'Ann called' })])
    expect(outcome?.outcome).toBe('accepted')
    expect(await toldOf(engine, 'ref:1Z-1')).toContain('Ann called')
    await engine.erase(request('O-1'))
    for (const family of families) expect(await toldOf(engine, family)).not.toContain('Ann called')
    expect(await toldOf(engine, 'ref:1Z-1')).toContain('Bob')
    await engine.close()
  })

  test('[W5] of an order and of one that nobody knows goes with the order it was said of', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit(withAnn('O-1'))
    const lines = ['O-1', 'O-l'].map(order => ({ line: '1', quantity: 1, order }))
    const cancelled = event('erp', 'order.cancelled', 'order/O-1', '02:00', { reason: 'Ann Miller called', lines })
    expect(await codes(engine, [cancelled])).toEqual(['parked unknown_order'])
    expect(await toldOf(engine, 'ref:O-l')).toContain('Ann')
    await engine.erase(request('O-1'))
    expect(await toldOf(engine, 'O-1')).not.toContain('Ann ')
    expect(await toldOf(engine, 'ref:O-l')).not.toContain('Ann ')
    await engine.close()
  })

  test('is erased by the number it waits under, and stays so for the order that comes', async () => {
    const { engine } = await openMemoryEngine()
    await engine.submit([
      delivered('1Z-1', 'Ann Miller'),
      event('wms', 'pick.short', 'shipment/S-9', '03:00', {
        reason: 'Bob dropped it',
        lines: [{ line: '1', quantity: 1 }],
      }),
    ])
    expect(await engine.erase(request('1Z-1'))).toMatchObject({ kind: 'erased', erasure: { family: 'ref:1Z-1' } })
    expect(await toldOf(engine, 'ref:1Z-1')).not.toContain('Ann ')
    expect(await toldOf(engine, 'ref:S-9')).toContain('Bob dropped it')
    await engine.close()
  })

  test('of a consignment is erased for one order, and stays for the others', async () => {
    const { engine } = await openMemoryEngine()
    for (const [order, shipment] of [
      ['O-1', 'S-1'],
      ['O-2', 'S-2'],
    ] as const)
      await engine.submit([...readyOrder(order), released(order, shipment, '01:00', 10, { consignment: 'K' })])
    await engine.submit([
      event('tms', 'shipment.delayed', 'ref/consignment/K', '04:00', {
        expectedAt: '2026-11-23T10:00:00Z',
        reason: 'Ann Miller is away',
      }),
    ])
    expect(await toldOf(engine, 'O-1')).toContain('Ann Miller')
    await engine.erase(request('O-1'))
    expect(await toldOf(engine, 'O-1')).not.toContain('Ann Miller')
    expect(await toldOf(engine, 'O-2')).toContain('Ann Miller')
    await engine.close()
  })
})

describe('[E12] whatever happens on the way', () => {
  test('a disk that fails between the entry and the end of the keys: opening finishes it', async () => {
    const first = await openMemoryEngine()
    await first.engine.submit(withAnn('O-1'))
    const disk = keyDisk(first.memory)
    disk.fault = call => (call.operation === 'write' ? { kind: 'error', code: 'EIO' } : undefined)
    expect(await first.engine.erase(request('O-1'))).toMatchObject({ kind: 'unavailable' })
    expect(first.engine.health().ready).toBe(false)
    expect(await toldOf(first.engine, 'O-1')).not.toContain('Ann ')
    disk.crash()
    const { engine } = await openMemoryEngine({ memory: first.memory })
    expect(engine.health().ready).toBe(true)
    expect(engine.erasure('O-1')).toMatchObject({ by: 'dpo' })
    expect(await toldOf(engine, 'O-1')).not.toContain('Ann ')
    await engine.close()
  })

  test('without room for a key nothing is taken, and all is once there is', async () => {
    const { engine, memory } = await openMemoryEngine()
    const disk = keyDisk(memory)
    disk.fault = call => (call.operation === 'write' ? { kind: 'error', code: 'ENOSPC' } : undefined)
    expect(await codes(engine, withAnn('O-1').slice(0, 1))).toEqual(['journal_unavailable journal_unavailable'])
    disk.fault = () => undefined
    expect(await codes(engine, withAnn('O-1'))).toEqual(['accepted', 'accepted', 'accepted', 'accepted'])
    await engine.close()
  })

  test('[E6] opened again, by a checkpoint or from the first entry on, all is told the same', async () => {
    const { engine, memory } = await openMemoryEngine()
    await engine.submit([...withAnn('O-1'), ...withAnn('O-2')])
    await engine.erase(request('O-1'))
    const told = [await toldOf(engine, 'O-1'), await toldOf(engine, 'O-2')]
    await engine.close()
    const again = await openMemoryEngine({ memory })
    expect([await toldOf(again.engine, 'O-1'), await toldOf(again.engine, 'O-2')]).toEqual(told)
    expect(told[1]).toContain('Ann Miller')
    await again.engine.close()
  })

  test('[E3] a preview tells the same and uses up no key', async () => {
    const { engine, memory } = await openMemoryEngine()
    await engine.submit(withAnn('O-1').slice(0, 1))
    const disk = keyDisk(memory)
    const bytes = () => disk.names().map(path => disk.bytesOf(path).length)
    const before = bytes()
    for (let index = 0; index < 20; index++)
      await engine.preview(
        Array.from({ length: 50 }, (_, order) => captured(`P-${index}-${order}`, '00:10', { shipTo: ANN })),
      )
    const [outcome] = await engine.preview(withAnn('O-1').slice(0, 1))
    expect(outcome?.outcome).toBe('superseded')
    expect(bytes()).toEqual(before)
    await engine.close()
  })
})
