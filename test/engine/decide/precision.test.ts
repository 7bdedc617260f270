// The precision of a line is part of its base unit: what is told in it does not change with it (domain §3, §4).
import { describe, expect, test } from 'vitest'
import type { EventInput } from '../../../machines/event.ts'
import { captured, event, lineOf, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { type MemoryWorld, orderOf, quantitiesOf, scenario } from '../../helpers/memory-world.ts'

const amended = (time: string, line: object) =>
  event('erp', 'order.amended', 'order/O-1', time, { lines: [{ line: '1', ...line }] })
const orderedIn = (world: MemoryWorld) => {
  const [line] = orderOf(world.family('O-1')).lines
  return { ordered: line?.ordered, precision: line?.precision }
}
const play = (events: readonly EventInput[]) => scenario({ sources: SOURCES, events })

describe('[§4] an amended precision', () => {
  test('leaves what is ordered as it was, in other base units', () => {
    const finer = play([captured('O-1', '00:10'), amended('00:20', { precision: 3 })])
    expect(orderedIn(finer.world)).toEqual({ ordered: 10_000, precision: 3 })
    const coarser = play([
      captured('O-1', '00:10'),
      amended('00:20', { precision: 3 }),
      amended('00:30', { precision: 1 }),
    ])
    expect(orderedIn(coarser.world)).toEqual({ ordered: 100, precision: 1 })
  })

  test('may bring a quantity that comes out exact in it', () => {
    const { world } = play([captured('O-1', '00:10'), amended('00:20', { precision: 3, quantity: 12.5 })])
    expect(orderedIn(world)).toEqual({ ordered: 12_500, precision: 3 })
  })

  test('is refused where what is ordered does not come out exact in it', () => {
    const kilos = { lines: [{ ...lineOf(12.5), unit: 'KG', precision: 3 }] }
    const { answers, world } = play([captured('O-1', '00:10', kilos), amended('00:20', { precision: 0 })])
    expect(answers.at(-1)).toMatchObject({ outcome: 'not_allowed_in_state', code: 'unit_not_exact' })
    expect(orderedIn(world)).toEqual({ ordered: 12_500, precision: 3 })
    expect(play([captured('O-1', '00:10', kilos), amended('00:20', { precision: 0, quantity: 12 })]).outcomes).toEqual([
      'accepted',
      'accepted',
    ])
  })

  const told: readonly (readonly [string, EventInput])[] = [
    ['released', released('O-1', 'S-1', '01:00', 4)],
    ['cancelled', event('erp', 'order.cancelled', 'order/O-1', '01:00', { lines: [{ line: '1', quantity: 4 }] })],
    ['allocated', event('erp', 'order.allocated', 'order/O-1', '01:00', { lines: [{ line: '1', allocated: 4 }] })],
  ]
  for (const [name, fact] of told)
    test(`is locked once some of the line is ${name}; the one it has is no change`, () => {
      const { answers } = play([
        ...readyOrder('O-1'),
        fact,
        amended('01:30', { precision: 3, quantity: 12 }),
        amended('01:31', { precision: 0, quantity: 12 }),
      ])
      expect(answers.slice(-2)).toMatchObject([
        { outcome: 'not_allowed_in_state', code: 'locked_fields', detail: { locked: ['lines.1.precision'] } },
        { outcome: 'accepted' },
      ])
    })

  test('stays locked when what was released is free again', () => {
    const { outcomes } = play([
      ...readyOrder('O-1'),
      released('O-1', 'S-1', '01:00'),
      event('wms', 'shipment.cancelled', 'shipment/S-1', '01:10'),
      amended('01:30', { precision: 3 }),
      released('O-1', 'S-2', '02:00'),
      event('wms', 'shipment.confirmed', 'shipment/S-2', '03:00', { lines: [{ line: '1', quantity: 10 }] }),
    ])
    expect(outcomes.slice(-3)).toEqual(['not_allowed_in_state', 'accepted', 'accepted'])
  })

  test('[C2] of before a release stands, however late it arrives, and the release is read in it', () => {
    const precision = amended('00:50', { precision: 3 })
    const release = released('O-1', 'S-1', '01:00', 4)
    const more = amended('00:45', { quantity: 20 })
    for (const events of [
      [more, precision, release],
      [precision, release, more],
      [release, more, precision],
      [release, precision, more],
    ]) {
      const { world } = play([...readyOrder('O-1'), ...events])
      expect(quantitiesOf(world.family('O-1'))).toEqual({ ordered: 20_000, released: 4_000 })
    }
  })
})
