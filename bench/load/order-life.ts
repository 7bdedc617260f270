// One order's whole life as its systems tell it: captured, checked, released, shipped, delivered, invoiced, paid, closed.
// Five lines, one shipment, 13 to 15 events. Now and then somebody says something that must be refused. Seeded; pure.
import type { Random } from '../../connectors/simulated/random.ts'
import type { OutcomeCode } from '../../engine/outcome.ts'
import type { EventType } from '../../machines/event-types.ts'
import { CARRIERS, NODES } from './sources.ts'

/** An event but for its id and time, and what must come of it. */
export interface Told {
  readonly source: string
  readonly type: EventType
  readonly subject: string
  readonly data: object
  readonly dataschema?: number
  readonly outcome: OutcomeCode
}

export interface LifeOptions {
  /** Number of the order, from 1; no two lives of a load share it. */
  readonly number: number
  readonly random: Random
  /** Part of all events that must be refused, 0 to 1. */
  readonly illegalShare: number
  /**
   * Whether what must be refused is wrong in whatever order it arrives. Else some of it is the ERP contradicting itself: a
   * rejection behind its acceptance, which nobody could tell from a timely one when it comes first.
   */
  readonly isWrongInAnyOrder?: boolean
  /** The source that captures it; undefined: the shop or EDI, by chance. */
  readonly channel?: string
}

/** All that is told of the order, in order. */
export function orderLife(options: LifeOptions): readonly Told[] {
  const { channel, illegalShare, number, random } = options
  const made = factsOf(number, random)
  const facts = channel === undefined ? made : { ...made, channel }
  const told = [...ordered(facts), ...shipped(facts), ...billed(facts)]
  // Not every ERP reports its validation, nor every node its packing.
  const optional: readonly EventType[] = ['order.validated', 'pack.completed']
  return told
    .filter(({ type }) => !optional.includes(type) || random.chance(0.6))
    .flatMap(each => (random.chance(illegalShare) ? [each, refusedAfter(each, facts, options)] : [each]))
}

type Facts = ReturnType<typeof factsOf>

function factsOf(number: number, random: Random) {
  const order = `SO-${1_000_000 + number}`
  const lines = Array.from({ length: 5 }, (_, index) => ({
    line: String(10 * (index + 1)),
    item: `SKU-${10_000 + random.whole(20_000)}`,
    quantity: 1 + random.whole(24),
    priceMinor: 199 + random.whole(20_000),
  }))
  return {
    order,
    lines,
    subject: `order/${order}`,
    shipment: `S-${1_000_000 + number}`,
    tracking: `1Z${100_000_000 + number}`,
    invoice: `I-${1_000_000 + number}`,
    customer: `C-${random.whole(5_000)}`,
    channel: random.chance(0.5) ? 'webshop' : 'edi',
    place: NODES[random.whole(NODES.length)] ?? NODES[0],
    carriage: CARRIERS[random.whole(CARRIERS.length)] ?? CARRIERS[0],
    amountMinor: lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, 0),
    quantities: lines.map(({ line, quantity }) => ({ line, quantity })),
  }
}

const accepted = (source: string, type: EventType, subject: string, data: object = {}): Told => ({
  source,
  type,
  subject,
  data,
  outcome: 'accepted',
})

function ordered({ channel, customer, lines, order, place, quantities, shipment, subject }: Facts): readonly Told[] {
  return [
    accepted(channel, 'order.captured', subject, {
      customer,
      company: 'US01',
      poNumber: `PO-${order}`,
      currency: 'USD',
      shipTo: { name: `Dock of ${customer}`, street: '12 Harbor Street', city: 'Newark', country: 'US' },
      terms: { invoicePolicy: 'shipment' },
      lines: lines.map(({ item, line, priceMinor, quantity }) => ({
        line,
        item,
        quantity,
        unit: 'EA',
        unitPrice: { amount: (priceMinor / 100).toFixed(2), per: 1 },
      })),
    }),
    accepted('erp', 'order.validated', subject),
    accepted('erp', 'credit.approved', subject, { limitMinor: 50_000_000 }),
    accepted('erp', 'order.accepted', subject, { erpNumber: `ERP-${order}`, company: 'US01' }),
    accepted('erp', 'order.allocated', subject, {
      lines: quantities.map(({ line, quantity }) => ({ line, allocated: quantity, node: place.node })),
    }),
    accepted('erp', 'order.released', subject, { shipment, node: place.node, service: 'GROUND', lines: quantities }),
  ]
}

function shipped({ carriage, place, quantities, shipment, tracking }: Facts): readonly Told[] {
  const subject = `shipment/${shipment}`
  const carton = { carton: `${shipment}-1`, tracking, lines: quantities, weightGrams: 12_400 }
  return [
    accepted(place.source, 'shipment.acknowledged', subject, { nodeReference: `N-${shipment}` }),
    accepted(place.source, 'pick.completed', subject, { task: `T-${shipment}`, lines: quantities }),
    accepted(place.source, 'pack.completed', subject, { cartons: [carton] }),
    accepted(place.source, 'shipment.confirmed', subject, {
      lines: quantities,
      carrier: carriage.carrier,
      tracking,
      freightMinor: 1_250,
    }),
    accepted(carriage.source, 'shipment.in_transit', `ref/tracking/${tracking}`, {
      tracking,
      place: { city: 'Columbus', country: 'US' },
    }),
    {
      ...accepted(carriage.source, 'delivery.completed', `ref/tracking/${tracking}`, {
        tracking,
        proof: { signedBy: 'A. Receiver' },
        place: { city: 'Newark', country: 'US' },
      }),
      dataschema: 2,
    },
  ]
}

function billed({ amountMinor, invoice, order, quantities, subject }: Facts): readonly Told[] {
  return [
    accepted('erp', 'invoice.posted', subject, {
      invoice,
      company: 'US01',
      lines: quantities,
      charges: [{ kind: 'freight', amountMinor: 1_250 }],
      amountMinor: amountMinor + 1_250,
      currency: 'USD',
    }),
    accepted('erp', 'payment.received', `ref/invoice/${invoice}`, {
      payment: `P-${order}`,
      invoice,
      amountMinor: amountMinor + 1_250,
    }),
    accepted('erp', 'order.closed', subject),
  ]
}

/** What somebody wrongly says next: a foreign system, a step that is impossible, more than the shipment holds. */
function refusedAfter(
  { type }: Told,
  { carriage, place, quantities, shipment, subject }: Facts,
  { isWrongInAnyOrder }: LifeOptions,
): Told {
  switch (type) {
    case 'shipment.acknowledged':
    case 'pick.completed':
      return {
        ...accepted(place.source, 'shipment.confirmed', `shipment/${shipment}`, {
          lines: quantities.map(({ line, quantity }) => ({ line, quantity: quantity * 10 })),
        }),
        outcome: 'quantity_exceeded',
      }
    case 'order.captured':
    case 'order.validated':
    case 'credit.approved':
      return { ...accepted(carriage.source, 'order.accepted', subject), outcome: 'not_owner' }
    default:
      if (isWrongInAnyOrder === true)
        return {
          ...accepted(carriage.source, 'order.rejected', subject, { reason: 'credit' }),
          outcome: 'not_owner',
        }
      return {
        ...accepted('erp', 'order.rejected', subject, { reason: 'credit' }),
        outcome: 'not_allowed_in_state',
      }
  }
}
