import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { cardText } from '../../../engine/card/card-text.ts'
import { sourcesOf, valuesOf } from '../../../engine/card/freshness.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { factsOf } from '../../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../../engine/exceptions/ledger.ts'
import { desk, msAt } from '../../helpers/desk.ts'
import { cardAt } from '../../helpers/desk-card.ts'
import { captured, event, readyOrder, released, SOURCES } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import type { MemoryWorld } from '../../helpers/memory-world.ts'
import { difference, duplicated, heard, shuffled } from '../../helpers/orderings.ts'

const SHIPMENT = 'shipment/S-1'

describe('the order card', () => {
  it('reads aloud', () => {
    const told = desk()
    told.say(
      ...readyOrder('104582', { promisedAt: '2026-11-23T17:00:00Z' }),
      released('104582', 'S-1', '01:00'),
      event('wms', 'shipment.acknowledged', SHIPMENT, '01:10'),
      event('wms', 'pick.short', SHIPMENT, '01:30', { lines: [{ line: '1', quantity: 4 }], reason: 'bin empty' }),
    )
    expect(cardText(cardAt(told, '104582', '02:00'))).toEqual([
      'Order 104582 of customer C-1, 2026-11-21 02:00 UTC',
      '',
      'Where:     accepted, credit approved, released since 2026-11-21 01:00 UTC, unbilled',
      '           line 1 (SKU-1): released; 10 EA ordered, 0 EA shipped, 0 EA delivered; in S-1',
      '           shipment S-1: picking since 2026-11-21 01:30 UTC, at EAST, promised 2026-11-23 17:00 UTC',
      'To do:     Backorder, release elsewhere or cancel the short quantity. It is the turn of erp (erp), by 2026-11-21 05:30 UTC',
      'Because:   S-1: line 1: 4 short (bin empty)',
      'Reached:   received 2026-11-21 00:10 UTC',
      '           validated 2026-11-21 00:20 UTC',
      '           released 2026-11-21 01:00 UTC',
      'Heard:     erp: order.released, 2026-11-21 01:00 UTC',
      '           shop: order.captured, 2026-11-21 00:10 UTC',
      '           wms: pick.short, 2026-11-21 01:30 UTC',
    ])
  })

  it.each([
    ['captured', [captured('A1', '00:10')], 'order.accepted', ['erp']],
    ['accepted', readyOrder('A1'), 'order.released', ['erp']],
    ['released', [...readyOrder('A1'), released('A1', 'S-1', '01:00')], 'shipment.acknowledged', ['wms']],
    [
      'shipped',
      [
        ...readyOrder('A1'),
        released('A1', 'S-1', '01:00'),
        event('wms', 'shipment.confirmed', SHIPMENT, '01:20', { carrier: 'UPS', tracking: '1Z' }),
      ],
      'delivery.completed',
      ['tms', 'ups'],
    ],
  ])('[K2] of an order that is %s tells the next step, and whose turn it is', (_, events, next, sources) => {
    const told = desk()
    told.say(...events)
    const { action, exceptions } = cardAt(told, 'A1', '01:30')
    expect(exceptions).toEqual([])
    expect(action).toMatchObject({ event: next, sources })
  })

  it('[K2] tells the deadline of the next step before it has passed, and the exception after', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'))
    expect(cardAt(told, 'A1', '02:00').action).toMatchObject({
      event: 'shipment.acknowledged',
      dueMs: msAt('05:00'),
      exception: undefined,
    })
    expect(cardAt(told, 'A1', '06:00').action).toMatchObject({
      event: 'shipment.acknowledged',
      exception: { kind: 'late_acknowledgement' },
    })
  })

  it('says why it is blocked, and what waits', () => {
    const told = desk()
    told.say(
      captured('A1', '00:10'),
      event('erp', 'credit.held', 'order/A1', '00:20'),
      event('erp', 'order.accepted', 'order/A1', '00:30'),
      released('A1', 'S-1', '00:40'),
    )
    const card = cardAt(told, 'A1', '01:00')
    expect(card.action).toMatchObject({ event: 'credit.released', owner: 'erp', sources: ['erp'] })
    expect(card.waiting.map(each => each.event.type)).toEqual(['order.released'])
    expect(card.blockedBy.join('\n')).toContain('credit is on hold')
    expect(card.milestones.find(({ name }) => name === 'released')?.reasons.length).toBeGreaterThan(0)
  })

  it('of a closed order has nothing to do', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', SHIPMENT, '01:20', { carrier: 'UPS', tracking: '1Z' }),
      event('ups', 'delivery.completed', SHIPMENT, '01:30'),
      event('erp', 'invoice.posted', 'order/A1', '01:40', {
        invoice: 'I-1',
        amountMinor: 5,
        lines: [{ line: '1', quantity: 10 }],
      }),
      event('erp', 'order.closed', 'order/A1', '01:50'),
    )
    const card = cardAt(told, 'A1', 9_000)
    expect([card.action, card.exceptions, card.blockedBy]).toEqual([undefined, [], []])
  })

  const cardsIn = (world: MemoryWorld) =>
    [...world.families].flatMap(([id, family]) =>
      family.actors.order === undefined
        ? []
        : cardText(cardAt({ facts: () => factsOf(family, ledgerOf(world.history(id))) }, id, 5_000)).map(
            line => `${id}: ${line}`,
          ),
    )
  it.each(Array.from({ length: 25 }, (_, index) => index + 100))(
    '[K1] is the same for any order of arrival: legal trace %i',
    seed => {
      const trace = legalTrace({ seed, steps: 40 })
      const random = seededRandom(seed)
      const world = heard(duplicated(shuffled(trace.events, random), random))
      expect(difference(cardsIn(heard(trace.events)), cardsIn(world)), `seed ${seed}`).toEqual([])
    },
  )
})

describe('freshness', () => {
  const options = (clock: string | number) => ({
    nowMs: msAt(clock),
    policies: DEFAULT_POLICIES,
    heard: SOURCES.map(source => ({ source, lastEventMs: source.id === 'erp' ? msAt(2_000) : undefined })),
  })

  it('[K3] a source that has been silent longer than it may is stale, and so is what it alone could tell', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.acknowledged', SHIPMENT, '01:10'),
    )
    const facts = told.facts('A1')
    expect(sourcesOf(facts, options(3_000)).map(({ isStale, source }) => [source, isStale])).toEqual([
      ['erp', false],
      ['shop', true],
      ['wms', true],
    ])
    const values = valuesOf(facts, options(3_000))
    expect(values.find(({ region }) => region === 'credit')).toMatchObject({
      value: 'approved',
      owner: 'erp',
      source: 'erp',
      isStale: false,
    })
    expect(values.find(({ region }) => region === 'execution')).toMatchObject({
      value: 'acknowledged',
      source: 'wms',
      event: 'shipment.acknowledged',
      verifiedMs: msAt('01:10'),
      isStale: true,
    })
  })

  it('[K3] a claim of the same state verifies it', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.acknowledged', SHIPMENT, '01:10'),
      event('wms', 'claim.reported', SHIPMENT, '09:00', { state: 'acknowledged' }),
    )
    const execution = valuesOf(told.facts('A1'), options('10:00')).find(({ region }) => region === 'execution')
    expect(execution).toMatchObject({ verifiedMs: msAt('09:00'), event: 'claim.reported' })
  })

  it('[K3] the ledger keeps the last thing by place that each source said, refused events too', () => {
    const told = desk()
    told.say(
      ...readyOrder('A1'),
      released('A1', 'S-1', '01:00'),
      event('wms', 'shipment.confirmed', SHIPMENT, '02:00', { lines: [{ line: '1', quantity: 99 }] }),
      event('wms', 'shipment.acknowledged', SHIPMENT, '01:30'),
    )
    const claim = told
      .facts('A1')
      .ledger.lastClaims()
      .find(({ source }) => source === 'wms')
    expect(claim).toMatchObject({ event: 'shipment.confirmed', verdict: 'quantity_exceeded' })
  })
})
