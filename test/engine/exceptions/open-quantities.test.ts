import { describe, expect, it } from 'vitest'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import type { OrderException } from '../../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../../engine/exceptions/exceptions.ts'
import { factsOf } from '../../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../../engine/exceptions/ledger.ts'
import { underTolerance } from '../../../machines/order/context.ts'
import { quantityOf } from '../../../machines/quantities.ts'
import { desk } from '../../helpers/desk.ts'
import { event, lineOf, readyOrder, released } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { orderOf, statesOf } from '../../helpers/memory-world.ts'

const DAY = 1_440
const LATER = 40 * DAY
const of = (quantity: number, line = '1') => ({ lines: [{ line, quantity }] })
const S1 = 'shipment/S-1'
const confirmed = (time: string, data: object = {}) => event('wms', 'shipment.confirmed', S1, time, data)
const delivered = (time: string, data: object = {}) => event('tms', 'delivery.completed', S1, time, data)
const invoiced = (time: string, quantity: number) =>
  event('erp', 'invoice.posted', 'order/A1', time, { invoice: 'I-1', amountMinor: 100 * quantity, ...of(quantity) })
const atNode = [...readyOrder('A1'), released('A1', 'S-1', '01:00')]
const shortAtNode = [...atNode, event('wms', 'pick.short', S1, '01:30', of(4)), confirmed('02:00', of(6))]

describe('what is short', () => {
  it('[X1] is told on when the rest is delivered, from the same moment on', () => {
    const told = desk()
    told.say(...shortAtNode)
    const [before] = told.open('A1', '02:10')
    told.say(delivered('03:00'), invoiced('03:10', 6))
    expect(told.kinds('A1', LATER)).toEqual(['short_shipment'])
    expect(told.open('A1', LATER)[0]).toEqual(before)
  })

  it.each([
    [
      'backordered',
      [event('erp', 'backorder.created', 'order/A1', '04:00', { lines: [{ line: '1', backordered: 4 }] })],
    ],
    ['released anew', [released('A1', 'S-2', '04:00', 4)]],
    ['cancelled', [event('erp', 'order.cancelled', 'order/A1', '04:00', of(4))]],
    ['delivered after all', [delivered('04:00', of(10))]],
  ])('[X1] and not delivered is told of until it is %s', (_, closing) => {
    const told = desk()
    told.say(...atNode, confirmed('02:00'), delivered('03:00', of(6)), invoiced('03:10', 6))
    expect(told.open('A1', '03:10')).toMatchObject([{ kind: 'short_shipment', detail: 'S-1: line 1: 4 short' }])
    expect(told.history('A1', '03:10').map(({ openedMs }) => new Date(openedMs).toISOString().slice(11, 16))).toEqual([
      '03:00',
    ])
    told.say(...closing)
    expect(told.kinds('A1', '04:00')).not.toContain('short_shipment')
  })

  it('[X1] is told beside the refusal of the rest', () => {
    const told = desk()
    told.say(...shortAtNode, event('tms', 'delivery.refused', S1, '03:00'))
    expect(told.kinds('A1', '03:00')).toEqual(['refused', 'short_shipment'])
  })
})

describe('a late release', () => {
  it('[X1] is that of a shipment its node cancelled, a day later', () => {
    const told = desk()
    told.say(...atNode, event('wms', 'shipment.cancelled', S1, 3 * DAY))
    expect(told.kinds('A1', 4 * DAY - 1)).toEqual([])
    expect(told.kinds('A1', 4 * DAY)).toEqual(['late_release'])
    told.say(released('A1', 'S-2', 4 * DAY))
    expect(told.kinds('A1', 4 * DAY)).toEqual([])
  })

  it('[X1] is that of the part which was never released, or given back', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00', 7))
    expect(told.open('A1', DAY + 40).filter(({ kind }) => kind === 'late_release')).toHaveLength(1)
    told.say(released('A1', 'S-2', '02:00', 3))
    expect(told.kinds('A1', LATER)).not.toContain('late_release')
    told.say(event('wms', 'shipment.cancelled', 'shipment/S-2', '02:30', of(2)))
    expect(told.kinds('A1', LATER)).toContain('late_release')
  })

  it('[X1] is that of what was asked for since, a day after that', () => {
    const told = desk()
    told.say(...atNode, confirmed('02:00'), delivered('03:00'), invoiced('03:10', 10))
    told.say(event('erp', 'order.amended', 'order/A1', 3 * DAY, of(12)))
    expect([told.kinds('A1', 4 * DAY - 1), told.kinds('A1', 4 * DAY)]).toEqual([[], ['late_release']])
  })

  it('[X1] is not that of what a shipment was given and came short of, nor of what is tolerated', () => {
    const told = desk()
    told.say(...readyOrder('A1', { terms: { underTolerancePercent: 10 }, lines: [lineOf(100)] }))
    told.say(released('A1', 'S-1', '01:00', 95), event('wms', 'pick.short', S1, '01:30', of(20)))
    expect(told.kinds('A1', LATER)).toEqual(['late_shipment', 'short_pick'])
  })
})

// Each tells of quantities that are free.
const TELLING = ['late_release', 'short_pick', 'short_shipment', 'refused', 'returned_to_sender', 'lost']

it('[X1] what is wanted, free to be released and not released in forty days is told of: 100 legal traces', () => {
  let found = 0
  for (let seed = 1; seed <= 100; seed++) {
    const { world } = legalTrace({ seed, steps: 40 })
    for (const [id, family] of world.families) {
      if (!/^accepted\.approved\./.test(statesOf(family).order ?? '')) continue
      const order = orderOf(family)
      const conditions = conditionsOf(factsOf(family, ledgerOf(world.history(id))), { policies: DEFAULT_POLICIES })
      const nowMs = Date.UTC(2027, 1, 1)
      const open = openAt(conditions, { family: id, nowMs, policies: DEFAULT_POLICIES })
      const isTold = (line: string) =>
        open.some(({ kind, lines }: OrderException) => TELLING.includes(kind) && lines.includes(line))
      order.lines.forEach(({ line, ordered }, index) => {
        const said = (column: 'backordered' | 'cancelled' | 'credited' | 'released') =>
          quantityOf(order.quantities, index, column)
        const free = ordered - said('cancelled') - said('backordered') - said('released')
        // What was credited may be that of lost goods: nobody is to replace them.
        if (free - said('credited') <= underTolerance(order, index)) return
        expect(isTold(line), `seed ${seed}: ${free} of line ${line} of ${id}`).toBe(true)
        found++
      })
    }
  }
  expect(found).toBeGreaterThan(30)
})
