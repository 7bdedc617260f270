// Legal traces, made by simulation: at each step some event is thought up, and kept when a world that has seen all before it
// accepts it. Sorted by place every event of such a trace is accepted (domain §5): it must come out the same in any order.

import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import { applied, type JournalEntry } from '../../engine/entry.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import type { EventInput } from '../../machines/event.ts'
import type { EventType } from '../../machines/event-types.ts'
import { type Place, placeOf } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { quantityOf, wantedOf } from '../../machines/quantities.ts'
import type { ReturnContext } from '../../machines/return/context.ts'
import { damagedOf, ownOf, type ShipmentContext } from '../../machines/shipment/context.ts'
import { isNothingLeft } from '../../machines/shipment/gates.ts'
import { instantMs } from '../../machines/time.ts'
import { SOURCES } from './distributor.ts'
import { MemoryWorld } from './memory-world.ts'

export interface LegalTrace {
  readonly seed: number
  /** By place. */
  readonly events: readonly EventInput[]
  /** The world that saw them in order. */
  readonly world: MemoryWorld
}

export interface TraceOptions {
  readonly seed: number
  /** Steps tried; the trace has fewer events. Default 60. */
  readonly steps?: number
  /** Orders that may share loads, tracking numbers, invoices. Default: 1 to 3, by the seed. */
  readonly orders?: number
  /** Whether a person clears what was damaged. Without it seeds make the traces they made before that was possible. */
  readonly clearings?: boolean
}

/** The trace of `seed`: always the same. */
export function legalTrace({ clearings = false, orders, seed, steps = 60 }: TraceOptions): LegalTrace {
  const random = seededRandom(seed)
  const desk = new Desk(random, { clearings, orders: orders ?? 1 + random.whole(3) })
  for (let step = 0; step < steps; step++) desk.step()
  return { seed, events: desk.events, world: desk.world }
}

/** Whether every event of `events`, in this order, is accepted, and nothing it sets moving is refused or parked. */
export function isLegal(events: readonly EventInput[]): boolean {
  const world = new MemoryWorld({ sources: SOURCES, once: true })
  return events.every(event => isTaken(world, event) && world.submit(event).outcome === 'accepted')
}

function isTaken(world: MemoryWorld, event: EventInput): boolean {
  const { entries, verdicts } = world.preview(event)
  return (
    verdicts.length > 0 &&
    verdicts.every(({ verdict }) => verdict === 'accepted') &&
    entries.every(({ verdict }) => verdict === 'accepted' || verdict === 'superseded') &&
    !makesAmbiguous(world, entries)
  )
}

/** Whether a tracking number would be of carriers that have nothing in common: ambiguous references are outside the promise. */
function makesAmbiguous(world: MemoryWorld, entries: readonly JournalEntry[]): boolean {
  if (!entries.some(({ learned }) => learned.length > 0)) return false
  const families = new Map(world.families)
  for (const entry of entries)
    families.set(entry.family, applied(families.get(entry.family) ?? emptyFamily(entry.family), entry))
  const shipments = [...families.values()].flatMap(shipmentsOf)
  const holders = shipments.filter(shipment => shipment.carriers.length > 0 && !isNothingLeft(shipment))
  return holders.some(({ carriers, trackings }) =>
    holders.some(
      other =>
        other.trackings.some(tracking => trackings.includes(tracking)) &&
        !other.carriers.some(carrier => carriers.includes(carrier)),
    ),
  )
}

interface Thought {
  readonly type: EventType
  readonly source: string
  readonly subject: string
  readonly data?: object
}

interface OrderView {
  readonly id: string
  readonly family: Family
  readonly order: OrderContext
}

// What is legal at nearly any moment would crowd out the rest.
const ALWAYS_LEGAL: ReadonlySet<EventType> = new Set([
  'order.validation_failed',
  'order.change_requested',
  'order.cancel_requested',
  'order.request_rejected',
  'backorder.created',
  'order.allocated',
  'credit.approved',
  'credit.held',
  'credit.released',
  'payment.received',
  'return.authorized',
  'claim.reported',
])

// How many events are thought up before a step is given up: most are impossible at most moments.
const TRIES = 40

/** Thinks up what the distributor's systems might report next, and keeps what its world accepts. */
class Desk {
  readonly events: EventInput[] = []
  readonly world = new MemoryWorld({ sources: SOURCES, once: true })
  private readonly random: Random
  private readonly clearings: boolean
  private readonly orderIds: readonly string[]
  private nowMs = Date.UTC(2026, 10, 21, 6)
  private last = '' as Place
  private numbers = 0

  constructor(random: Random, { clearings, orders }: Required<Pick<TraceOptions, 'clearings' | 'orders'>>) {
    this.random = random
    this.clearings = clearings
    this.orderIds = Array.from({ length: orders }, (_, index) => `O-${index + 1}`)
  }

  step(): void {
    // Every tenth event happens in the same moment as the one before it.
    if (!this.random.chance(0.1)) this.nowMs += this.random.whole(120) * 60_000
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const thought = this.think()
      if (thought === undefined || (ALWAYS_LEGAL.has(thought.type) && !this.random.chance(0.2))) continue
      if (this.keep(thought)) return
    }
  }

  private keep(thought: Thought): boolean {
    const id = `e-${String(this.events.length).padStart(4, '0')}`
    const event: EventInput = { id, time: new Date(this.nowMs).toISOString(), data: {}, ...thought }
    const place = placeOf({ timeMs: instantMs(event.time) as number, source: event.source, id })
    if (place <= this.last || !isTaken(this.world, event)) return false
    this.world.submit(event)
    this.events.push(event)
    this.last = place
    return true
  }

  private think(): Thought | undefined {
    const missing = this.orderIds.filter(id => this.view(id) === undefined)
    const [next] = missing
    if (next !== undefined && (missing.length === this.orderIds.length || this.random.chance(0.15)))
      return this.capture(next)
    const about = this.view(this.pick(this.orderIds))
    if (about === undefined) return undefined
    const shipments = shipmentsOf(about.family)
    const returns = returnsOf(about.family)
    const kind = this.random.whole(10)
    if (kind < 3 || shipments.length === 0) return this.orderThought(about)
    if (kind < 7) return this.shipmentThought(about, this.pick(shipments))
    return this.returnThought(about, returns.length === 0 ? undefined : this.pick(returns))
  }

  private view(id: string): OrderView | undefined {
    const family = this.world.family(id)
    const order = family.actors.order
    return order === undefined ? undefined : { id, family, order: order.context as OrderContext }
  }

  private capture(id: string): Thought {
    const lines = Array.from({ length: 1 + this.random.whole(3) }, (_, index) => ({
      line: String(index + 1),
      item: `SKU-${index}`,
      quantity: 1 + this.random.whole(20),
      ...(this.random.chance(0.3) ? { conversions: { CA: 2 } } : {}),
      ...(this.random.chance(0.3) ? { promisedAt: this.day(3) } : {}),
    }))
    return {
      type: 'order.captured',
      source: this.pick(['shop', 'edi', 'crm']),
      subject: `order/${id}`,
      data: {
        customer: 'C-1',
        currency: 'USD',
        poNumber: `PO-${id}`,
        lines,
        ...(this.random.chance(0.5) ? { company: 'US01' } : {}),
        ...(this.random.chance(0.5) ? { promisedAt: this.day(2) } : {}),
        ...(this.random.chance(0.5)
          ? {
              terms: {
                invoicePolicy: this.pick(['shipment', 'delivery', 'prepaid']),
                overTolerancePercent: this.pick([0, 10, 50]),
                underTolerancePercent: this.pick([0, 10]),
              },
            }
          : {}),
      },
    }
  }

  private orderThought(about: OrderView): Thought | undefined {
    const { order } = about
    const erp = (type: EventType, data: object = {}): Thought => ({
      type,
      source: 'erp',
      subject: this.orderSubject(about),
      data,
    })
    const asks = Object.keys(order.asks)
    const invoices = Object.keys(order.invoices)
    const thoughts: readonly (() => Thought | undefined)[] = [
      () => erp('order.validated'),
      () => erp('order.validation_failed', { reasons: [this.pick(['price_mismatch', 'master_data'])] }),
      () => erp('order.accepted', { erpNumber: `ERP-${about.id}` }),
      () => erp('order.accepted', { erpNumber: `ERP-${about.id}` }),
      () => (this.random.chance(0.05) ? erp('order.rejected', { reason: 'no' }) : undefined),
      () => erp('credit.approved'),
      () => erp(this.pick(['credit.held', 'credit.released', 'credit.approved'])),
      () => erp(this.pick(['order.allocated', 'backorder.created']), { lines: this.allocation(order) }),
      () => this.release(about),
      () => this.release(about),
      () => this.release(about),
      () => this.amendment(about),
      () => this.ask(about, 'order.change_requested', { ask: this.number('A') }),
      () => this.ask(about, 'order.cancel_requested', { ask: this.number('A') }),
      () => (asks.length === 0 ? undefined : erp('order.request_rejected', { ask: this.pick(asks), reason: 'no' })),
      () => (this.random.chance(0.3) ? this.cancellation(about) : undefined),
      () => this.invoice(about),
      () => this.invoice(about),
      () =>
        invoices.length === 0
          ? undefined
          : erp(this.pick(['invoice.disputed', 'invoice.dispute_resolved']), { invoice: this.pick(invoices) }),
      () => erp('payment.received', { payment: this.number('P'), amountMinor: 100 * this.random.whole(20) }),
      () => this.sharedPayment(about),
      () =>
        erp('invoice.credited', {
          memo: this.number('M'),
          amountMinor: this.random.whole(300),
          ...(this.random.chance(0.5)
            ? this.someLines(order, (_, index) => quantityOf(order.quantities, index, 'invoiced'))
            : {}),
        }),
      () => erp('order.closed'),
      () => ({
        type: 'claim.reported',
        source: this.pick(['tms', 'shop', 'erp']),
        subject: this.orderSubject(about),
        data: { state: this.pick(['accepted', 'shipped']) },
      }),
    ]
    return this.pick(thoughts)()
  }

  private orderSubject({ id, order }: OrderView): string {
    const subjects = [`order/${id}`, `order/${id}`, `ref/po/PO-${id}`, `ref/PO-${id}`]
    if (order.erpNumber !== undefined) subjects.push(`ref/erp/${order.erpNumber}`, `ref/${order.erpNumber}`)
    return this.pick(subjects)
  }

  private allocation(order: OrderContext): object[] {
    return order.lines
      .filter(() => this.random.chance(0.7))
      .flatMap(({ line, ordered }) => {
        if (this.random.chance(0.2)) return [{ line }]
        const allocated = this.random.whole(ordered + 1)
        return this.random.chance(0.3)
          ? [
              { line, allocated, node: 'EAST' },
              { line, allocated: 1, backordered: ordered - allocated, node: 'WEST' },
            ]
          : [{ line, allocated, backordered: ordered - allocated }]
      })
  }

  private release(about: OrderView): Thought | undefined {
    const { order } = about
    const free = (index: number) => wantedOf(order.quantities, index) - quantityOf(order.quantities, index, 'released')
    const said = this.someLines(order, (_, index) => free(index), order)
    if (said.lines.length === 0) return undefined
    const node = this.pick(['EAST', 'EAST', 'WEST'])
    return {
      type: 'order.released',
      source: 'erp',
      subject: this.orderSubject(about),
      data: {
        shipment: this.number('S'),
        node,
        ...said,
        ...(this.random.chance(0.4) ? { consignment: `LOAD-${node}-${1 + this.random.whole(2)}` } : {}),
        ...(this.random.chance(0.3) ? { carrier: this.pick(['UPS', 'DHL']) } : {}),
        ...(this.random.chance(0.2) ? { promisedAt: this.day(1) } : {}),
      },
    }
  }

  private amendment(about: OrderView): Thought {
    const { order } = about
    const { line, ordered } = this.pick(order.lines)
    const changes: readonly (() => object)[] = [
      () => ({ promisedAt: this.day(4) }),
      () => ({ shipTo: { city: this.pick(['Boston', 'Rome']) } }),
      () => ({ lines: [{ line, quantity: Math.max(0, ordered + this.random.whole(9) - 4) }] }),
      () => ({ lines: [{ line, quantity: ordered + this.random.whole(9), promisedAt: this.day(5) }] }),
      () => ({ lines: [{ line, item: this.pick(['SKU-0', 'SKU-X']) }] }),
      () => ({ lines: [{ line, unitPrice: { amount: this.pick(['1.50', '2.00']) } }] }),
      () => ({ lines: [{ line, overTolerancePercent: this.pick([0, 20]) }] }),
      () => ({ lines: [{ line, conversions: { CA: this.pick([1, 2, 3]) } }] }),
      () => ({ lines: [{ line, shipTo: { city: 'Oslo' } }] }),
      () => ({ lines: [{ line: `${order.lines.length + 1}`, item: 'SKU-N', quantity: 1 + this.random.whole(5) }] }),
      () => ({ lines: [{ line: `x${this.random.whole(3)}`, item: 'SKU-N', quantity: 1 + this.random.whole(5) }] }),
    ]
    const source = this.pick(['erp', order.channel])
    return { type: 'order.amended', source, subject: this.orderSubject(about), data: this.pick(changes)() }
  }

  private ask(about: OrderView, type: EventType, data: object): Thought {
    return { type, source: this.pick(['crm', about.order.channel]), subject: this.orderSubject(about), data }
  }

  private cancellation(about: OrderView): Thought {
    const { order } = about
    const free = (index: number) => wantedOf(order.quantities, index) - quantityOf(order.quantities, index, 'released')
    const data = this.random.chance(0.3) ? {} : this.someLines(order, (_, index) => free(index))
    const number = this.random.chance(0.5) ? { cancellation: this.number('X') } : {}
    return { type: 'order.cancelled', source: 'erp', subject: this.orderSubject(about), data: { ...data, ...number } }
  }

  private invoice(about: OrderView): Thought {
    const { order } = about
    const said = this.someLines(
      order,
      (_, index) => quantityOf(order.quantities, index, 'shipped') - quantityOf(order.quantities, index, 'invoiced'),
    )
    const invoice = this.random.chance(0.3) ? 'I-SHARED' : this.number('I')
    const amountMinor = 100 * this.random.whole(20)
    return {
      type: 'invoice.posted',
      source: 'erp',
      subject: this.orderSubject(about),
      data: { invoice, amountMinor, ...said },
    }
  }

  private sharedPayment({ order }: OrderView): Thought | undefined {
    if (!('I-SHARED' in order.invoices)) return undefined
    const shares = this.orderIds.map(id => ({ order: id, amountMinor: 100 * this.random.whole(9) }))
    const orders = shares.filter(({ order: id }) => this.view(id) !== undefined)
    const amountMinor = orders.reduce((sum, share) => sum + share.amountMinor, 0)
    const data = { payment: this.number('P'), amountMinor, orders }
    return { type: 'payment.received', source: 'erp', subject: 'ref/invoice/I-SHARED', data }
  }

  private shipmentThought(about: OrderView, shipment: ShipmentContext): Thought | undefined {
    const operator = shipment.node === 'EAST' ? 'wms' : '3pl'
    const node = (type: EventType, data: object = {}): Thought => ({
      type,
      source: operator,
      subject: this.shipmentSubject(about, shipment),
      data,
    })
    const transport = (type: EventType, data: object = {}): Thought => ({
      type,
      source: this.pick(['tms', 'ups', 'dhl', operator]),
      subject: this.shipmentSubject(about, shipment),
      data: { ...data, ...this.trackingNamed(shipment) },
    })
    const own = (_: string, index: number) => ownOf(shipment, index)
    const some = () => this.someLines(shipment, own)
    const expected = () => (this.random.chance(0.4) ? { expectedAt: this.day(this.random.whole(5)) } : {})
    const order = about.id
    const thoughts: (() => Thought | undefined)[] = [
      () => node('shipment.acknowledged'),
      () =>
        node('shipment.split', {
          shipment: this.number('S'),
          ...some(),
          ...(this.random.chance(0.3) ? { consignment: `LOAD-${shipment.node}-1` } : {}),
        }),
      () =>
        this.random.chance(0.5)
          ? node('shipment.amended', { service: this.pick(['AIR', 'GROUND']), promisedAt: this.day(3) })
          : {
              ...transport('shipment.amended'),
              source: 'tms',
              data: { shipTo: { city: this.pick(['Boston', 'Rome']) } },
            },
      () => node('pick.released'),
      () => node('pick.started'),
      () => node('pick.completed', { ...some(), ...(this.random.chance(0.3) ? { task: this.number('T') } : {}) }),
      () =>
        node('pick.completed', {
          lines: this.allOf(
            shipment,
            index => ownOf(shipment, index) - (shipment.short[index] ?? 0) - (shipment.picked[index] ?? 0),
          ),
        }),
      () => node('pick.short', { ...some(), reason: 'not found' }),
      () => {
        const [line] = some().lines
        return line === undefined ? undefined : node('item.substituted', { ...line, item: 'SKU-Z' })
      },
      () => node('pack.completed', { cartons: this.cartons(shipment, order) }),
      () =>
        transport('shipment.booked', {
          carrier: this.pick(['UPS', 'DHL']),
          tracking: this.pick(['T-1', 'T-2', [`T-${order}`, 'T-3'], `T-${shipment.number}`]),
          ...expected(),
        }),
      () =>
        node('shipment.confirmed', {
          ...(this.random.chance(0.4) ? some() : {}),
          ...(this.random.chance(0.3) ? { cartons: this.cartons(shipment, order) } : {}),
          ...(this.random.chance(0.3) ? { tracking: `T-${shipment.number}`, carrier: 'UPS' } : {}),
        }),
      () => node('shipment.confirmed'),
      () => transport('shipment.in_transit', { place: { city: 'Newark' }, ...expected() }),
      () => transport('shipment.out_for_delivery', expected()),
      () => transport('shipment.delayed', { expectedAt: this.day(this.random.whole(6)), reason: 'snow' }),
      () => transport('shipment.damaged', this.random.chance(0.3) ? {} : some()),
      () => transport('delivery.attempted', { reason: 'closed', ...expected() }),
      () => transport('delivery.completed', this.random.chance(0.3) ? some() : {}),
      () => transport('delivery.completed'),
      () => transport('delivery.completed'),
      () => (this.random.chance(0.4) ? transport('delivery.refused', { reason: 'wrong' }) : undefined),
      () => (this.random.chance(0.4) ? transport('shipment.lost') : undefined),
      () => (this.random.chance(0.3) ? transport('shipment.returned_to_sender') : undefined),
      () =>
        this.random.chance(0.3)
          ? {
              ...node('shipment.cancelled', this.random.chance(0.5) ? {} : some()),
              source: this.pick([operator, 'erp']),
            }
          : undefined,
      () => ({ ...node('claim.reported', { state: 'shipped' }), source: this.pick(['tms', operator]) }),
    ]
    const cleared = this.allOf(shipment, index => damagedOf(shipment, index))
    if (this.clearings && cleared.length > 0)
      thoughts.push(() => ({
        ...node('shipment.damage_cleared', { lines: cleared, reason: 'only the box was' }),
        source: 'ann',
      }))
    return this.pick(thoughts)()
  }

  private shipmentSubject({ id }: OrderView, shipment: ShipmentContext): string {
    const subjects = [
      `shipment/${shipment.number}`,
      `shipment/${shipment.number}`,
      `ref/${shipment.number}`,
      `order/${id}`,
    ]
    if (shipment.consignment !== undefined)
      subjects.push(`ref/${shipment.consignment}`, `ref/consignment/${shipment.consignment}`)
    for (const tracking of shipment.trackings) subjects.push(`ref/${tracking}`, `ref/tracking/${tracking}`)
    return this.pick(subjects)
  }

  private trackingNamed(shipment: ShipmentContext): object {
    return shipment.trackings.length > 0 && this.random.chance(0.3) ? { tracking: this.pick(shipment.trackings) } : {}
  }

  private cartons(shipment: ShipmentContext, order: string): object[] {
    return ['C-1', 'C-2'].slice(this.random.whole(2)).map(carton => ({
      carton,
      ...(this.random.chance(0.5) ? { tracking: `T-${shipment.number}-${carton}` } : {}),
      ...(this.random.chance(0.6)
        ? {
            lines: this.allOf(shipment, index => Math.ceil(ownOf(shipment, index) / 2)).map(line => ({
              ...line,
              order,
            })),
          }
        : {}),
    }))
  }

  private returnThought(about: OrderView, back: ReturnContext | undefined): Thought | undefined {
    const { order } = about
    const delivered = (_: string, index: number) =>
      quantityOf(order.quantities, index, 'delivered') - quantityOf(order.quantities, index, 'returning')
    const fresh = back === undefined || this.random.chance(0.15)
    const subject = fresh ? `order/${about.id}` : this.returnSubject(about, back)
    const said = (source: string, type: EventType, data: object): Thought => ({ type, source, subject, data })
    const numbered = fresh || this.random.chance(0.7) ? {} : { return: back.number }
    if (fresh) {
      const number = this.number('R')
      const lines = this.someLines(order, delivered)
      return this.pick([
        said(this.pick(['crm', order.channel]), 'return.initiated', { return: number, reason: 'wrong', ...lines }),
        said(this.pick(['crm', order.channel]), 'return.initiated', { return: number, reason: 'wrong', ...lines }),
        said(this.pick(['wms', '3pl']), 'return.received', {
          ...lines,
          ...(this.random.chance(0.5) ? { receipt: this.number('RC') } : {}),
        }),
        said('erp', 'return.authorized', {
          rma: `RMA-${number}`,
          ...(this.random.chance(0.5) ? { return: number } : {}),
        }),
      ])
    }
    const at = this.pick(['wms', '3pl'])
    const left = (of: 'received' | 'dispositioned', used: 'dispositioned' | 'credited') => (_: string, index: number) =>
      (back[of][index] ?? 0) - (back[used][index] ?? 0)
    const thoughts: readonly (() => Thought | undefined)[] = [
      () =>
        said('erp', 'return.authorized', {
          rma: `RMA-${back.number}`,
          ...numbered,
          ...(back.receipts[0] === undefined ? {} : { receipt: back.receipts[0] }),
        }),
      () => (this.random.chance(0.3) ? said('erp', 'return.rejected', { reason: 'worn', ...numbered }) : undefined),
      () =>
        said(this.pick(['tms', 'ups', 'dhl']), 'return.in_transit', {
          ...numbered,
          ...(this.random.chance(0.5) ? { carrier: 'UPS', tracking: `TR-${back.number}` } : {}),
        }),
      () =>
        said(at, 'return.received', {
          ...numbered,
          ...this.received(back, order),
          ...(this.random.chance(0.3) ? { receipt: this.number('RC') } : {}),
        }),
      () => said(at, 'return.received', { ...numbered, ...this.received(back, order) }),
      () => said(at, 'return.inspected', { ...numbered, result: 'worn' }),
      () => {
        const { lines } = this.someLines(back, left('received', 'dispositioned'))
        const disposition = () => this.pick(['restock', 'refurbish', 'scrap', 'send_back'])
        return lines.length === 0
          ? undefined
          : said(at, 'return.dispositioned', {
              ...numbered,
              lines: lines.map(line => ({ ...line, disposition: disposition() })),
            })
      },
      () =>
        said(at, 'return.dispositioned', {
          ...numbered,
          lines: this.allOf(back, index => left('received', 'dispositioned')('', index)).map(line => ({
            ...line,
            disposition: 'scrap',
          })),
        }),
      () =>
        said('erp', 'return.credited', {
          ...numbered,
          memo: this.number('M'),
          amountMinor: this.random.whole(200),
          ...(this.random.chance(0.7) ? this.someLines(back, left('dispositioned', 'credited')) : {}),
        }),
      () => (this.random.chance(0.5) ? said('erp', 'return.closed', numbered) : undefined),
      () => said(this.pick(['crm', 'wms']), 'claim.reported', { state: 'received' }),
    ]
    return this.pick(thoughts)()
  }

  private received(back: ReturnContext, order: OrderContext): object {
    const requested = back.lines
      .map((line, index) => ({ line, quantity: back.requested[index] ?? 0 }))
      .filter(each => each.quantity > 0)
    const some = requested
      .filter(() => this.random.chance(0.7))
      .map(({ line, quantity }) => ({
        line,
        quantity: 1 + this.random.whole(quantity),
        condition: this.pick(['new', 'worn']),
      }))
    if (some.length > 0) return { lines: some }
    return this.someLines(
      order,
      (_, index) => quantityOf(order.quantities, index, 'delivered') - quantityOf(order.quantities, index, 'returning'),
    )
  }

  private returnSubject({ id }: OrderView, back: ReturnContext): string {
    const subjects = [`return/${back.number}`, `return/${back.number}`, `ref/${back.number}`, `order/${id}`]
    for (const rma of back.rmas) subjects.push(`ref/rma/${rma}`, `ref/${rma}`)
    for (const tracking of back.trackings) subjects.push(`ref/tracking/${tracking}`)
    return this.pick(subjects)
  }

  /** Some quantity of some lines, none above `most`. In cases where the order's line has them, now and then. */
  private someLines(
    of: { readonly lines: readonly (string | { readonly line: string })[] },
    most: (line: string, index: number) => number,
    order?: OrderContext,
  ): { lines: { line: string; quantity: number; unit?: string }[] } {
    const lines = of.lines.flatMap((each, index) => {
      const line = typeof each === 'string' ? each : each.line
      const limit = most(line, index)
      if (limit <= 0 || !this.random.chance(0.7)) return []
      const quantity = this.random.chance(0.4) ? limit : 1 + this.random.whole(limit)
      const cases = order?.lines[index]?.conversions?.CA
      if (cases !== undefined && quantity % cases === 0 && this.random.chance(0.5))
        return [{ line, quantity: quantity / cases, unit: 'CA' }]
      return [{ line, quantity }]
    })
    return { lines }
  }

  private allOf(
    of: { readonly lines: readonly string[] },
    most: (index: number) => number,
  ): { line: string; quantity: number }[] {
    return of.lines.map((line, index) => ({ line, quantity: most(index) })).filter(({ quantity }) => quantity > 0)
  }

  private number(prefix: string): string {
    this.numbers++
    return `${prefix}-${this.numbers}`
  }

  /** The end of a day, `days` from the first. */
  private day(days: number): string {
    return new Date(Date.UTC(2026, 10, 21 + days, 23)).toISOString()
  }

  private pick<Item>(items: readonly Item[]): Item {
    return items[this.random.whole(items.length)] as Item
  }
}

const contextsOf = <Context>(family: Family, kind: 'shipment' | 'return'): readonly Context[] =>
  family.actors.all.flatMap(actor => (actor.kind === kind ? [actor.context as Context] : []))

export const shipmentsOf = (family: Family): readonly ShipmentContext[] =>
  contextsOf<ShipmentContext>(family, 'shipment')
export const returnsOf = (family: Family): readonly ReturnContext[] => contextsOf<ReturnContext>(family, 'return')
