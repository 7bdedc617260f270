// Which numbers an actor holds, and which of them are news to whoever waits under one.
import { describe, expect, test } from 'vitest'
import { Actors } from '../../engine/actors.ts'
import { emptyFamily } from '../../engine/family.ts'
import { carriedReferences, holdersIn, learnedNumbers } from '../../engine/references.ts'
import type { EntityKind } from '../../machines/ids.ts'

const invoice = { amountMinor: 1, postedMs: 0, amounts: [] }
const CONTEXTS: Readonly<Record<EntityKind, object>> = {
  order: {
    id: 'O-1',
    customer: 'C-1',
    poNumber: 'PO-1',
    erpNumber: 'ERP-1',
    company: 'US01',
    invoices: { 'I-1': invoice },
    step: 'accepted',
  },
  shipment: {
    number: 'S-1',
    node: 'EAST',
    consignment: 'L-1',
    trackings: ['T-1'],
    carriers: ['UPS'],
    lines: ['1'],
    given: [1],
    split: [0],
    cancelled: [0],
    wholeCancelPlace: undefined,
    step: 'released',
  },
  return: { number: 'R-1', company: 'US01', rmas: ['RMA-1'], trackings: ['T-9'], carriers: ['UPS'], milestones: {} },
}
const KEYS: Readonly<Record<EntityKind, string>> = {
  order: 'order',
  shipment: 'shipment/EAST/S-1',
  return: 'return/R-1',
}
const actorOf = (kind: EntityKind, data: object = {}) => ({
  key: KEYS[kind],
  kind,
  chart: 1,
  version: 1,
  state: '',
  context: { ...CONTEXTS[kind], ...data },
})

describe('§2 numbers', () => {
  test.each(['order', 'shipment', 'return'] as const)(
    'every number of an %s is found, by its kind and without',
    kind => {
      const actor = actorOf(kind)
      const family = { ...emptyFamily('O-1'), actors: Actors.of([actor]) }
      const carried = carriedReferences(actor)
      expect(carried.length).toBeGreaterThan(2)
      for (const reference of carried) {
        const { number } = reference
        for (const wanted of [{ number }, { number, kind: reference.kind }])
          expect(holdersIn(family, wanted)).toEqual([{ family: 'O-1', actor: actor.key, reference }])
      }
    },
  )

  const changes: readonly (readonly [kind: EntityKind, data: object, learned: readonly string[]])[] = [
    ['order', { poNumber: 'PO-2' }, ['PO-2']],
    ['order', { customer: 'C-2' }, ['PO-1']],
    ['order', { erpNumber: 'ERP-2' }, ['ERP-2']],
    ['order', { company: 'DE01' }, ['ERP-1', 'I-1']],
    ['order', { invoices: { 'I-1': invoice, 'I-2': invoice } }, ['I-2']],
    ['order', { step: 'closed' }, []],
    ['shipment', { consignment: 'L-2' }, ['L-2']],
    ['shipment', { node: 'WEST' }, ['S-1', 'L-1']],
    ['shipment', { trackings: ['T-1', 'T-2'] }, ['T-2']],
    ['shipment', { carriers: ['DHL', 'UPS'] }, ['T-1']],
    ['shipment', { step: 'shipped' }, []],
    ['return', { rmas: ['RMA-1', 'RMA-2'] }, ['RMA-2']],
    ['return', { company: 'DE01' }, ['RMA-1']],
    ['return', { trackings: ['T-8', 'T-9'] }, ['T-8']],
    ['return', { carriers: [] }, ['T-9']],
  ]
  test.each(changes)('of an %s that becomes %j the family learns %j', (kind, data, learned) => {
    const before = Actors.of([actorOf(kind)])
    const after = Actors.of([{ ...actorOf(kind), context: { ...before.all[0]?.context, ...data } }])
    expect(learnedNumbers(before, after, [KEYS[kind]])).toEqual(learned)
  })

  test('a shipment that was cancelled and is not any more holds its shared numbers again', () => {
    const cancelled = Actors.of([actorOf('shipment', { wholeCancelPlace: '1' })])
    const after = Actors.of([
      { ...actorOf('shipment'), context: { ...cancelled.all[0]?.context, wholeCancelPlace: undefined } },
    ])
    expect(learnedNumbers(cancelled, after, [KEYS.shipment])).toEqual(['L-1', 'T-1'])
    expect(learnedNumbers(after, cancelled, [KEYS.shipment])).toEqual([])
  })
})
