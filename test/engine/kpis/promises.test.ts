import { describe, expect, it } from 'vitest'
import { orderMeasures } from '../../../engine/kpis/measures.ts'
import { type OrderRecord, orderRecord } from '../../../engine/kpis/order-record.ts'
import type { EventInput } from '../../../machines/event.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { at, event, lineOf, readyOrder } from '../../helpers/distributor.ts'

const promised = (line: string, clock?: string, quantity = 10) => ({
  ...lineOf(quantity, line),
  ...(clock === undefined ? {} : { promisedAt: at(clock) }),
})
const sent = (
  number: string,
  quantities: Readonly<Record<string, number>>,
  data: object = {},
): readonly EventInput[] => {
  const lines = Object.entries(quantities).map(([line, quantity]) => ({ line, quantity }))
  return [
    event('erp', 'order.released', 'order/A1', '01:00', { shipment: number, node: 'EAST', lines }),
    event('wms', 'shipment.confirmed', `shipment/${number}`, '02:00', { carrier: 'UPS', ...data }),
  ]
}
const came = (number: string, clock: string, tracking?: string): EventInput =>
  event('ups', 'delivery.completed', `shipment/${number}`, clock, tracking === undefined ? {} : { tracking })

interface Told {
  readonly what: string
  readonly order: object
  readonly events: readonly EventInput[]
  readonly isKept: boolean
  /** Whether all that is wanted was delivered. Default: it was. */
  readonly isOpen?: true
}

const header = { promisedAt: at('05:00') }
const CARTONS = [
  { carton: '1', tracking: 'T-1', lines: [{ line: '1', quantity: 10 }] },
  { carton: '2', tracking: 'T-2', lines: [{ line: '2', quantity: 10 }] },
]

const TOLD: readonly Told[] = [
  {
    what: 'by the promise of the line, which counts instead of that of the header',
    order: { ...header, lines: [promised('1', '12:00')] },
    events: [...sent('S-1', { 1: 10 }), came('S-1', '10:00')],
    isKept: true,
  },
  {
    what: 'each line by its own promise, though the last came after the first was due',
    order: { lines: [promised('1', '05:00'), promised('2', '12:00')] },
    events: [...sent('S-1', { 1: 10 }), ...sent('S-2', { 2: 10 }), came('S-1', '04:00'), came('S-2', '10:00')],
    isKept: true,
  },
  {
    what: 'one line too late, within the promise of the other',
    order: { lines: [promised('1', '05:00'), promised('2', '12:00')] },
    events: [...sent('S-1', { 1: 10 }), ...sent('S-2', { 2: 10 }), came('S-1', '10:00'), came('S-2', '04:00')],
    isKept: false,
  },
  {
    what: 'one carton of each line, each by its promise',
    order: { lines: [promised('1', '05:00'), promised('2', '12:00')] },
    events: [
      ...sent('S-1', { 1: 10, 2: 10 }, { cartons: CARTONS }),
      came('S-1', '04:00', 'T-1'),
      came('S-1', '10:00', 'T-2'),
    ],
    isKept: true,
  },
  {
    what: 'as much as meets the line, and the rest too late',
    order: { ...header, terms: { underTolerancePercent: 10 } },
    events: [...sent('S-1', { 1: 9 }), ...sent('S-2', { 1: 1 }), came('S-1', '04:00'), came('S-2', '10:00')],
    isKept: true,
  },
  {
    what: 'half of the line in time',
    order: header,
    events: [...sent('S-1', { 1: 5 }), ...sent('S-2', { 1: 5 }), came('S-1', '04:00'), came('S-2', '10:00')],
    isKept: false,
  },
  {
    what: 'the line that was promised, and not yet what nobody promised',
    order: { lines: [promised('1', '05:00'), promised('2')] },
    events: [...sent('S-1', { 1: 10 }), came('S-1', '04:00')],
    isKept: true,
    isOpen: true,
  },
]

const recordOf = (order: object, events: readonly EventInput[]) => {
  const told = desk()
  told.say(...readyOrder('A1', order), ...events)
  const kinds = told.history('A1', '20:00').map(({ exception }) => exception.kind)
  return { record: orderRecord(told.facts('A1')) as OrderRecord, isMissed: kinds.includes('promise_missed') }
}

const accuracyAt = (record: OrderRecord, clock: string) => {
  const span = { fromMs: msAt('00:00'), toMs: msAt('23:00') }
  return orderMeasures([record], { nowMs: msAt(clock), span })[0]?.measures.promiseAccuracy
}

describe('a promise is kept line by line', () => {
  it.each(TOLD.map(told => [told.what, told] as const))('[M1] %s: as the exception has it', (_, told) => {
    const { events, isKept, isOpen = false, order } = told
    const { isMissed, record } = recordOf(order, events)
    expect([record.isPromiseKept, isMissed]).toEqual([isKept, !isKept])
    expect(record.isPerfect).toBe(isKept && !isOpen)
    expect(accuracyAt(record, '20:00')).toMatchObject({ part: isKept ? 1 : 0, whole: 1 })
  })

  it('[M1] and is no matter of accuracy while what is kept so far leaves a line whose day has not come', () => {
    const { record } = recordOf({ lines: [promised('1', '05:00'), promised('2', '12:00')] }, [
      ...sent('S-1', { 1: 10 }),
      came('S-1', '04:00'),
    ])
    expect(accuracyAt(record, '08:00')).toMatchObject({ part: 0, whole: 0 })
    expect(accuracyAt(record, '13:00')).toMatchObject({ part: 0, whole: 1 })
  })

  it('[M1] nor counts for a line that is wanted no more', () => {
    const { isMissed, record } = recordOf({ lines: [promised('1', '05:00'), promised('2', '03:00')] }, [
      event('erp', 'order.cancelled', 'order/A1', '00:50', { lines: [{ line: '2', quantity: 10 }] }),
      ...sent('S-1', { 1: 10 }),
      came('S-1', '04:00'),
    ])
    expect([record.isPromiseKept, record.isPerfect, isMissed]).toEqual([true, true, false])
  })
})
