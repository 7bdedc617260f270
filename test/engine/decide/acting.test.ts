import { describe, expect, test } from 'vitest'
import type { JournalEntry } from '../../../engine/entry.ts'
import { isFact } from '../../../engine/entry.ts'
import { act, discard, link, retry } from '../../helpers/acts.ts'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { MemoryWorld, quantitiesOf, statesOf } from '../../helpers/memory-world.ts'

const told = (entries: readonly JournalEntry[]) =>
  entries.map(({ event: { type }, family, verdict }) => `${family} ${type} ${verdict}`)

function worldOf(...events: readonly Parameters<MemoryWorld['submit']>[0][]): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of events) world.submit(each)
  return world
}

describe('[A1] an act', () => {
  test('is an entry of its own in each family it is about, and moves nothing', () => {
    const world = worldOf(captured('O-1', '08:00'), captured('O-2', '08:00'))
    const before = world.family('O-1')
    const about = ['O-1', 'O-2'].map(family => ({ family, exception: 'lost|shipment/EAST/S-1|' }))
    const note = act('exception.noted', 'O-1', { about, text: 'asked the carrier' })
    const answer = world.submit(note)
    expect(told(answer.entries)).toEqual(['O-1 exception.noted accepted', 'O-2 exception.noted accepted'])
    expect(answer.entries[0]?.spread).toBe(2)
    const after = world.family('O-1')
    expect(after.actors).toEqual(before.actors)
    expect(after.lastPlace).toBe(before.lastPlace)
  })

  test('[E7] of the same request happens once, whenever it is asked again; with other content it is refused', () => {
    const world = worldOf(captured('O-1', '08:00'))
    const note = act('exception.noted', 'O-1', { text: 'asked the carrier' }, { id: 'request-1' })
    expect(world.submit(note).outcome).toBe('accepted')
    expect(world.submit({ ...note, time: '2026-11-21T13:00:00Z' }).outcome).toBe('duplicate')
    const other = act('exception.noted', 'O-1', { text: 'asked the customer' }, { id: 'request-1' })
    expect(world.submit(other).outcome).toBe('id_reused')
  })

  test('is refused to who is no operator, and about what nobody knows', () => {
    const world = worldOf(captured('O-1', '08:00'))
    const note = act('exception.noted', 'O-1', { text: 'all is well' })
    expect(world.submit({ ...note, source: 'wms' })).toMatchObject({ outcome: 'not_owner', code: 'foreign_role' })
    expect(world.submit(act('exception.noted', 'O-9', { text: 'lost?' }))).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'unknown_subject',
    })
  })

  test('refused about what nobody knows makes it no more known, however often it is tried', () => {
    const world = worldOf(captured('O-1', '08:00'))
    for (const text of ['lost?', 'really lost?']) {
      const about = (...families: readonly string[]) => families.map(family => ({ family, exception: 'lost|order|' }))
      const note = (...families: readonly string[]) =>
        told(world.submit(act('exception.noted', 'O-9', { about: about(...families), text })).entries)
      expect(note('O-9')).toEqual(['ref:O-9 exception.noted not_allowed_in_state'])
      expect(note('O-9', 'O-1')).toEqual(['O-1 exception.noted not_allowed_in_state'])
      expect(world.submit(act('exception.noted', 'ref:O-9', { text })).code).toBe('unknown_subject')
    }
    expect(world.family('O-9').head).toBe(0)
    expect(world.submit(captured('O-9', '08:00')).outcome).toBe('accepted')
    expect(world.submit(act('exception.noted', 'O-9', { text: 'found' })).outcome).toBe('accepted')
  })

  test('about what was only ever refused is done: there is something to say of it', () => {
    const world = worldOf(event('wms', 'order.captured', 'order/O-9', '08:00', { lines: [] }))
    const refusal = world.submit(event('wms', 'order.accepted', 'order/O-9', '08:00'))
    const [entry] = refusal.entries
    expect(world.submit(act('exception.noted', entry?.family ?? '', { text: 'wrong sender' })).outcome).toBe('accepted')
  })

  test('is about a hundred exceptions at most', () => {
    const world = worldOf(captured('O-1', '08:00'))
    const about = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ family: 'O-1', exception: `lost|order|${index}` }))
    const note = (count: number) => world.submit(act('exception.noted', 'O-1', { about: about(count), text: 'lost?' }))
    expect([note(100).outcome, note(101).outcome]).toEqual(['accepted', 'malformed'])
  })

  test('names a team there is, or is malformed', () => {
    const world = worldOf(captured('O-1', '08:00'))
    const assign = (team: string) => world.submit(act('exception.assigned', 'O-1', { team })).outcome
    expect([assign('logistics'), assign('night_shift')]).toEqual(['accepted', 'malformed'])
  })

  test('with texts that are empty or too long is malformed', () => {
    const world = worldOf(captured('O-1', '08:00'))
    const note = (text: string) => world.submit(act('exception.noted', 'O-1', { text })).outcome
    expect([note(''), note('  '), note('x'.repeat(4_001)), note('x'.repeat(4_000))]).toEqual([
      'malformed',
      'malformed',
      'malformed',
      'accepted',
    ])
  })
})

describe('[A2] a retry', () => {
  test('judges what waits again; where nothing has changed it goes on waiting, and the try stands in history', () => {
    const early = released('O-1', 'S-1', '01:00')
    const world = worldOf(captured('O-1', '00:10'), early)
    const answer = world.submit(retry('O-1', early))
    expect(told(answer.entries)).toEqual(['O-1 exception.retried accepted'])
    expect(answer.led).toMatchObject([{ verdict: 'parked', detail: { code: 'order_not_accepted' } }])
    expect(world.family('O-1').parked).toHaveLength(1)
  })

  test('of a refusal turns it when the source owns it now', () => {
    const refused = event('3pl', 'shipment.acknowledged', 'shipment/S-1', '02:00')
    const before = worldOf(...readyOrder('O-1'), released('O-1', 'S-1', '01:00'))
    expect(before.submit({ ...refused, subject: 'order/O-1' }).outcome).not.toBe('accepted')
    const foreign = event('wms', 'order.accepted', 'order/O-1', '03:00')
    expect(before.submit(foreign).outcome).toBe('not_owner')
    const sources = SOURCES.map(each => (each.id === 'wms' ? { ...each, role: 'erp' as const } : each))
    const after = new MemoryWorld({ sources })
    after.commit(before.entries)
    const answer = after.submit(retry('O-1', foreign))
    expect(told(answer.entries)).toEqual(['O-1 exception.retried accepted', 'O-1 order.accepted superseded'])
    expect(answer.entries[1]?.cause).toBe(answer.entries[0]?.position)
    expect(answer.led).toMatchObject([{ verdict: 'superseded' }])
  })

  test('of the same request tells what the event has come to since', () => {
    const early = released('O-1', 'S-1', '01:00')
    const [capture, ...rest] = readyOrder('O-1')
    const world = worldOf(capture as typeof early, early)
    const again = retry('O-1', early)
    expect(world.submit(again).led).toMatchObject([{ verdict: 'parked' }])
    expect(world.submit(again)).toMatchObject({ outcome: 'duplicate', first: 'accepted', led: [{ verdict: 'parked' }] })
    for (const each of rest) world.submit(each)
    expect(world.submit(again)).toMatchObject({ outcome: 'duplicate', led: [{ verdict: 'accepted' }] })
  })

  test('of an act is refused: acts are done again, not judged again', () => {
    const note = act('exception.noted', 'O-1', { text: 'lost?' })
    const world = worldOf(note, captured('O-1', '00:10'))
    expect(world.submit(retry('O-1', note)).code).toBe('nothing_to_retry')
  })

  test('of what counts, or was never said, is refused', () => {
    const first = captured('O-1', '00:10')
    const world = worldOf(first)
    for (const behind of [first, { source: 'erp', id: 'nobody' }])
      expect(world.submit(retry('O-1', behind))).toMatchObject({
        outcome: 'not_allowed_in_state',
        code: 'nothing_to_retry',
      })
  })
})

describe('[A3] what is discarded', () => {
  test('waits no more, and no fact wakes it', () => {
    const early = released('O-1', 'S-1', '01:00')
    const [capture, ...rest] = readyOrder('O-1')
    const world = worldOf(capture as typeof early, early)
    const answer = world.submit(discard('O-1', early))
    expect(answer.entries).toMatchObject([{ frees: [2], event: { type: 'exception.discarded', source: 'ann' } }])
    for (const each of rest) world.submit(each)
    expect(world.family('O-1').actors.keys).toEqual(['order'])
    expect(world.history('O-1').filter(entry => entry.event.id === early.id)).toHaveLength(1)
  })

  test.each([
    ['is judged no more when a fact from before it arrives', true],
    ['is what it was until then: such a fact turns it', false],
  ])('%s', (_, isDiscarded) => {
    const amended = (time: string, line: object) =>
      event('crm', 'order.amended', 'order/O-1', time, { lines: [{ line: '1', ...line }] })
    const half = amended('03:00', { quantity: 2.5 })
    const world = worldOf(captured('O-1', '00:10'))
    expect(world.submit(half).code).toBe('unit_not_exact')
    if (isDiscarded) {
      expect(world.submit(discard('O-1', half)).outcome).toBe('accepted')
      expect(world.submit(retry('O-1', half)).code).toBe('nothing_to_retry')
      expect(world.submit(discard('O-1', half)).code).toBe('nothing_to_discard')
    }
    const { entries } = world.submit(amended('02:00', { precision: 1 }))
    expect(entries.some(entry => entry.event.id === half.id)).toBe(!isDiscarded)
  })

  test.each([
    ['is remembered by no number it named', true, []],
    ['is what it was until then: the number remembers it', false, ['O-2']],
  ])('%s', (_, isDiscarded, counted) => {
    const booked = (shipment: string, time: string) =>
      event('tms', 'shipment.booked', `shipment/${shipment}`, time, { carrier: 'UPS', tracking: 'T-1' })
    const picked = event('wms', 'pick.completed', 'ref/tracking/T-1', '04:00', { lines: [{ line: '1', quantity: 11 }] })
    const world = worldOf(...readyOrder('O-1'), released('O-1', 'S-1', '01:00'), booked('S-1', '02:00'))
    expect(world.submit(picked).outcome).toBe('quantity_exceeded')
    if (isDiscarded) expect(world.submit(discard('O-1', picked)).outcome).toBe('accepted')
    const large = readyOrder('O-2', { lines: [lineOf(20)] })
    for (const each of [...large, released('O-2', 'S-2', '01:00', 20), booked('S-2', '03:00')]) world.submit(each)
    const facts = world.entries.filter(entry => entry.event.id === picked.id && isFact(entry))
    expect(facts.map(({ family }) => family)).toEqual(counted)
  })

  test('sent again is a duplicate that says so; under another id it is judged anew', () => {
    const early = event('erp', 'credit.held', 'order/O-1', '01:00')
    const world = worldOf(early)
    world.submit(discard('O-1', early))
    const again = world.preview(early)
    expect(again).toMatchObject({ outcome: 'duplicate', first: 'parked' })
    expect(world.submit({ ...early, id: 'another' }).outcome).toBe('parked')
  })
})

describe('[A4] a link', () => {
  const scan = (time: string) => event('ups', 'shipment.in_transit', 'ref/tracking/T-9', time)

  function shipped(): MemoryWorld {
    return worldOf(
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-1', '02:00', { carrier: 'UPS' }),
    )
  }

  test('applies what waits under an unknown number, and what comes later', () => {
    const world = shipped()
    expect([world.submit(scan('03:00')).outcome, world.submit(scan('04:00')).outcome]).toEqual(['parked', 'parked'])
    const answer = world.submit(link('T-9', 'O-1', 'shipment/EAST/S-1', { count: 2 }))
    expect(answer.led?.map(({ family, verdict }) => [family, verdict])).toEqual([
      ['O-1', 'accepted'],
      ['O-1', 'accepted'],
    ])
    expect(world.family('ref:T-9').parked).toEqual([])
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toMatch(/^in_transit/)
    expect(world.submit(event('ups', 'shipment.out_for_delivery', 'ref/tracking/T-9', '05:00')).outcome).toBe(
      'accepted',
    )
    // An earlier fact that arrives late makes the family anew: what was linked stays where it belongs.
    expect(
      world.submit(event('wms', 'pick.completed', 'shipment/S-1', '01:30', { lines: [{ line: '1', quantity: 10 }] }))
        .outcome,
    ).toBe('superseded')
    expect(statesOf(world.family('O-1'))['shipment/EAST/S-1']).toMatch(/^out_for_delivery/)
  })

  test('goes behind what data says of the number since', () => {
    const world = shipped()
    world.submit(scan('03:00'))
    world.submit(link('T-9', 'O-1', 'shipment/EAST/S-1'))
    for (const each of [...readyOrder('O-2'), released('O-2', 'S-2', '01:00')]) world.submit(each)
    world.submit(event('wms', 'shipment.confirmed', 'shipment/S-2', '02:00', { carrier: 'UPS', tracking: 'T-9' }))
    const answer = world.submit(scan('06:00'))
    expect(answer.entries[0]).toMatchObject({ family: 'O-2', verdict: 'accepted' })
  })

  test('of an ambiguous number settles what waits now, and nothing later', () => {
    const po = (order: string, customer: string) => readyOrder(order, { customer, poNumber: '12345' })
    const world = worldOf(...po('O-1', 'C-1'), ...po('O-2', 'C-2'))
    const hold = (time: string) => event('erp', 'credit.held', 'ref/po/12345', time)
    expect(world.submit(hold('03:00'))).toMatchObject({ outcome: 'parked', code: 'ambiguous_reference' })
    const answer = world.submit(link('12345', 'O-2', 'order', { kind: 'po', count: 1 }))
    expect(answer.led).toMatchObject([{ family: 'O-2', verdict: 'accepted' }])
    expect(statesOf(world.family('O-1')).order).toMatch(/approved/)
    expect(statesOf(world.family('O-2')).order).toMatch(/held/)
    expect(world.submit(hold('04:00')).code).toBe('ambiguous_reference')
  })

  test('is refused where another number of events waits than its person saw, and of what is not there', () => {
    const world = shipped()
    world.submit(scan('03:00'))
    expect(world.submit(link('T-9', 'O-1', 'shipment/EAST/S-1', { count: 2 })).code).toBe('count_changed')
    expect(world.submit(link('T-9', 'O-1', 'shipment/EAST/S-7')).code).toBe('unknown_subject')
    expect(world.family('ref:T-9').parked).toHaveLength(1)
  })
})

describe('[A5] what a person forces', () => {
  const because = 'the customer paid in cash at the counter'
  const forced = (...args: Parameters<typeof event>) => event(...args)

  test('goes over owner and permission, and is marked so for ever', () => {
    const world = worldOf(captured('O-1', '00:10'))
    const release = { ...released('O-1', 'S-1', '01:00'), source: 'ann' }
    expect(world.preview(release)).toMatchObject({ outcome: 'not_owner', code: 'foreign_role' })
    const answer = world.submit(release, because)
    expect(answer).toMatchObject({ outcome: 'accepted', detail: { override: because } })
    expect(quantitiesOf(world.family('O-1'))).toMatchObject({ released: 10 })
    // A fact from before it arrives: the family is judged as of then, and what was forced stands.
    expect(world.submit(event('erp', 'credit.held', 'order/O-1', '00:30')).outcome).toBe('accepted')
    expect(quantitiesOf(world.family('O-1'))).toMatchObject({ released: 10 })
  })

  test('never goes over quantities, nor what the chart has not', () => {
    const world = worldOf(...readyOrder('O-1'), released('O-1', 'S-1', '01:00'))
    const more = { ...released('O-1', 'S-2', '02:00', 4), source: 'ann' }
    expect(world.submit(more, because)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'over_release' })
    const confirm = (quantity: number) =>
      forced('ann', 'shipment.confirmed', 'shipment/S-1', '03:00', { lines: [{ line: '1', quantity }] })
    expect(world.submit(confirm(11), because).outcome).toBe('quantity_exceeded')
    expect(
      world.submit(forced('ann', 'order.rejected', 'order/O-1', '04:00', { reason: 'no' }), because),
    ).toMatchObject({
      outcome: 'not_allowed_in_state',
      code: 'order_accepted',
      detail: { override: because },
    })
    expect(world.submit(confirm(10), because).outcome).toBe('accepted')
  })

  test('is done now or not at all', () => {
    const world = worldOf(captured('O-1', '00:10'))
    const unknown = forced('ann', 'shipment.confirmed', 'shipment/S-9', '03:00')
    expect(world.submit(unknown, because)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'unknown_subject' })
    const closing = forced('ann', 'order.closed', 'order/O-1', '04:00')
    expect(world.submit(closing, because)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'not_delivered' })
    expect([...world.families.values()].flatMap(({ parked }) => parked)).toEqual([])
  })

  test('is refused to who is no operator', () => {
    const world = worldOf(captured('O-1', '00:10'))
    expect(world.submit(event('erp', 'order.accepted', 'order/O-1', '01:00'), because)).toMatchObject({
      outcome: 'not_owner',
      code: 'operators_only',
    })
  })
})
