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
  /** Part of all orders whose credit is held before it is approved: what comes late would overwrite what is newer. Default 0. */
  readonly heldShare?: number
  /** Part of all orders without stock before they are allocated: of both the latest counts, as of credit. Default 0. */
  readonly backorderedShare?: number
  /** The source that captures it; undefined: the shop or EDI, by chance. */
  readonly channel?: string
}

/** What is told of one order, made only when asked for: tens of thousands of lives are open at a time. */
export interface Life {
  readonly length: number
  told(index: number): Told
}

/** All that is told of the order, in order. */
export function orderLife(options: LifeOptions): readonly Told[] {
  const life = openLife(options)
  return Array.from({ length: life.length }, (_, index) => life.told(index))
}

// Not every ERP reports its validation, nor every node its packing.
const REPORTED_SHARE = 0.6

export function openLife(options: LifeOptions): Life {
  const { backorderedShare = 0, channel, heldShare = 0, illegalShare, number, random } = options
  const made = factsOf(number, random)
  const facts = channel === undefined ? made : { ...made, channel }
  // The number of a step, or the same negative for what is wrongly said behind it.
  const shares: Partial<Record<EventType, number>> = {
    'order.validated': REPORTED_SHARE,
    'pack.completed': REPORTED_SHARE,
    'credit.held': heldShare,
    'backorder.created': backorderedShare,
  }
  // No chance is asked about what is never told: the same seed gives the same lives with and without it.
  const isTold = (type: EventType) => shares[type] === undefined || (shares[type] > 0 && random.chance(shares[type]))
  const steps = STEPS.flatMap(([type], step) => (isTold(type) ? [step + 1] : [])).flatMap(step =>
    random.chance(illegalShare) ? [step, -step] : [step],
  )
  return {
    length: steps.length,
    told(index) {
      const step = steps[index] ?? 0
      const [type, tell] = STEPS[Math.abs(step) - 1] ?? []
      if (type === undefined || tell === undefined) throw new Error(`bench: a life has no event ${index}`)
      return step > 0 ? { type, outcome: 'accepted', ...tell(facts) } : refusedAfter(type, facts, options)
    },
  }
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
  }
}

type Said = Pick<Told, 'source' | 'subject' | 'data' | 'dataschema'>

/** A life, step by step: who says what of what. */
const STEPS: readonly (readonly [type: EventType, tell: (facts: Facts) => Said])[] = [
  [
    'order.captured',
    ({ channel, customer, lines, order, subject }) => ({
      source: channel,
      subject,
      data: {
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
      },
    }),
  ],
  ['order.validated', ({ subject }) => ({ source: 'erp', subject, data: {} })],
  ['credit.held', ({ subject }) => ({ source: 'erp', subject, data: {} })],
  ['credit.approved', ({ subject }) => ({ source: 'erp', subject, data: { limitMinor: 50_000_000 } })],
  [
    'order.accepted',
    ({ order, subject }) => ({ source: 'erp', subject, data: { erpNumber: `ERP-${order}`, company: 'US01' } }),
  ],
  [
    'backorder.created',
    ({ lines, subject }) => ({ source: 'erp', subject, data: { lines: lines.map(({ line }) => ({ line })) } }),
  ],
  [
    'order.allocated',
    ({ place, lines, subject }) => ({
      source: 'erp',
      subject,
      data: { lines: lines.map(({ line, quantity }) => ({ line, allocated: quantity, node: place.node })) },
    }),
  ],
  [
    'order.released',
    ({ place, shipment, lines, subject }) => ({
      source: 'erp',
      subject,
      data: { shipment, node: place.node, service: 'GROUND', lines: quantitiesOf(lines) },
    }),
  ],
  [
    'shipment.acknowledged',
    ({ place, shipment }) => ({
      source: place.source,
      subject: `shipment/${shipment}`,
      data: { nodeReference: `N-${shipment}` },
    }),
  ],
  [
    'pick.completed',
    ({ place, lines, shipment }) => ({
      source: place.source,
      subject: `shipment/${shipment}`,
      data: { task: `T-${shipment}`, lines: quantitiesOf(lines) },
    }),
  ],
  [
    'pack.completed',
    ({ place, lines, shipment, tracking }) => ({
      source: place.source,
      subject: `shipment/${shipment}`,
      data: { cartons: [{ carton: `${shipment}-1`, tracking, lines: quantitiesOf(lines), weightGrams: 12_400 }] },
    }),
  ],
  [
    'shipment.confirmed',
    ({ carriage, place, lines, shipment, tracking }) => ({
      source: place.source,
      subject: `shipment/${shipment}`,
      data: { lines: quantitiesOf(lines), carrier: carriage.carrier, tracking, freightMinor: FREIGHT_MINOR },
    }),
  ],
  [
    'shipment.in_transit',
    ({ carriage, tracking }) => ({
      source: carriage.source,
      subject: `ref/tracking/${tracking}`,
      data: { tracking, place: { city: 'Columbus', country: 'US' } },
    }),
  ],
  [
    'delivery.completed',
    ({ carriage, tracking }) => ({
      source: carriage.source,
      subject: `ref/tracking/${tracking}`,
      data: { tracking, proof: { signedBy: 'A. Receiver' }, place: { city: 'Newark', country: 'US' } },
      dataschema: 2,
    }),
  ],
  [
    'invoice.posted',
    ({ invoice, lines, subject }) => ({
      source: 'erp',
      subject,
      data: {
        invoice,
        company: 'US01',
        lines: quantitiesOf(lines),
        charges: [{ kind: 'freight', amountMinor: FREIGHT_MINOR }],
        amountMinor: amountOf(lines),
        currency: 'USD',
      },
    }),
  ],
  [
    'payment.received',
    ({ invoice, lines, order }) => ({
      source: 'erp',
      subject: `ref/invoice/${invoice}`,
      data: { payment: `P-${order}`, invoice, amountMinor: amountOf(lines) },
    }),
  ],
  ['order.closed', ({ subject }) => ({ source: 'erp', subject, data: {} })],
]

/** What is told of every order. */
export const ALWAYS_TOLD: readonly EventType[] = STEPS.map(([type]) => type).filter(
  type => !['order.validated', 'pack.completed', 'credit.held', 'backorder.created'].includes(type),
)

const FREIGHT_MINOR = 1_250

const quantitiesOf = (lines: Facts['lines']) => lines.map(({ line, quantity }) => ({ line, quantity }))

const amountOf = (lines: Facts['lines']): number =>
  lines.reduce((sum, { quantity, priceMinor }) => sum + quantity * priceMinor, FREIGHT_MINOR)

/** What somebody wrongly says next: a foreign system, a step that is impossible, more than the shipment holds. */
function refusedAfter(
  after: EventType,
  { carriage, lines, place, shipment, subject }: Facts,
  { isWrongInAnyOrder, number }: LifeOptions,
): Told {
  // By its role, and by the company it speaks for.
  const stranger = isWrongInAnyOrder === true && number % 2 === 0 ? 'erp-eu' : carriage.source
  switch (after) {
    case 'shipment.acknowledged':
    case 'pick.completed':
      return {
        source: place.source,
        type: 'shipment.confirmed',
        subject: `shipment/${shipment}`,
        data: { lines: lines.map(({ line, quantity }) => ({ line, quantity: quantity * 10 })) },
        outcome: 'quantity_exceeded',
      }
    case 'order.captured':
    case 'order.validated':
    case 'credit.held':
    case 'credit.approved':
      return { source: stranger, type: 'order.accepted', subject, data: {}, outcome: 'not_owner' }
    default: {
      const rejection = { type: 'order.rejected', subject, data: { reason: 'credit' } } as const
      return isWrongInAnyOrder === true
        ? { ...rejection, source: stranger, outcome: 'not_owner' }
        : { ...rejection, source: 'erp', outcome: 'not_allowed_in_state' }
    }
  }
}
