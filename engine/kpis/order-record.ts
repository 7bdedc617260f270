// OrderRecord: what the measures need of one order, read from its family. The same whatever order the facts came in. Pure.
import { placeMs } from '../../machines/ids.ts'
import { lineIndex, type OrderContext, promiseOf, underTolerance } from '../../machines/order/context.ts'
import { wantedOf } from '../../machines/quantities.ts'
import { isEmpty } from '../../machines/records.ts'
import { deliveredOf, proofsOf, type ShipmentContext } from '../../machines/shipment/context.ts'
import { acceptedMs, type Facts, type OrderFacts, type ShipmentFacts } from '../exceptions/facts.ts'
import { isOfAny, LINE } from '../exceptions/line-sums.ts'
import type { Leg } from './leg-counts.ts'

export interface ShipmentRecord {
  readonly node: string
  readonly service: string | undefined
  readonly carriers: readonly string[]
  readonly releasedMs: number
  readonly acknowledgedMs: number | undefined
  readonly leftMs: number | undefined
  readonly deliveredMs: number | undefined
  /** Short, damaged, refused, lost, sent back, tried in vain or told to be delayed, at any time. */
  readonly hadTrouble: boolean
}

export interface OrderRecord {
  readonly channel: string
  /** Empty until it is known. */
  readonly company: string
  readonly capturedMs: number
  readonly acceptedMs: number | undefined
  /** When all that is wanted had left, was delivered, was invoiced; undefined before. */
  readonly shippedMs: number | undefined
  readonly deliveredMs: number | undefined
  readonly invoicedMs: number | undefined
  /** The last payment, once the invoices are covered. */
  readonly paidMs: number | undefined
  /** The earliest promise that is not kept; where all are, the earliest; undefined where nothing is promised. */
  readonly promisedMs: number | undefined
  readonly wanted: number
  readonly shipped: number
  readonly invoices: number
  readonly disputes: number
  /** Rejected, or never wanted any more: it fell out. */
  readonly isFallout: boolean
  /** Delivered whole, in time, undamaged, and billed without dispute or credit. */
  readonly isPerfect: boolean
  /** Each line that was promised was delivered by its promise; false where none was, or one was not. */
  readonly isPromiseKept: boolean
  readonly stage: string
  readonly shipments: readonly ShipmentRecord[]
}

/** Undefined where the family has no order. */
export function orderRecord(facts: Facts): OrderRecord | undefined {
  if (facts.order === undefined) return undefined
  const { context: order, states, sums } = facts.order
  const { paidPlace } = facts.marks
  const isDone = (due: number) => isOfAny(sums, LINE.wanted) && !isOfAny(sums, due)
  const shipments = facts.shipments.length === 0 ? NO_SHIPMENTS : facts.shipments.map(shipmentRecord)
  const deliveredMs = isDone(LINE.deliveryDue) ? latest(shipments, 'deliveredMs') : undefined
  const { shipped, wanted } = sums
  const brokenMs = sums.promisedMs === undefined ? undefined : unkeptPromise(facts.order, facts.shipments, deliveredMs)
  const isInTime = brokenMs === undefined
  const [lifecycle = '', , fulfilment = '', billing = ''] = states
  const disputes = membersOf(order.disputes)
  const hadTrouble = shipments.some(each => each.hadTrouble)
  return {
    channel: order.channel,
    company: order.company ?? '',
    capturedMs: placeMs(order.capturedPlace),
    acceptedMs: order.step === 'accepted' || order.step === 'closed' ? acceptedMs(facts) : undefined,
    shippedMs: isDone(LINE.shipmentDue) ? latest(shipments, 'leftMs') : undefined,
    deliveredMs,
    invoicedMs: isDone(LINE.invoiceDue) ? lastPostedMs(order) : undefined,
    paidMs: billing === 'paid' && paidPlace !== undefined ? placeMs(paidPlace) : undefined,
    promisedMs: brokenMs ?? sums.promisedMs,
    wanted,
    shipped,
    invoices: membersOf(order.invoices),
    disputes,
    isFallout: lifecycle === 'rejected' || lifecycle === 'cancelled',
    isPerfect: deliveredMs !== undefined && isInTime && !hadTrouble && disputes === 0 && order.creditedMinor === 0,
    isPromiseKept: sums.promisedMs !== undefined && isInTime,
    stage: stageOf(lifecycle, fulfilment, billing),
    shipments,
  }
}

/** The earliest promise of a line that was not met by it, or is not yet; undefined where each was. Of an order with promises. */
function unkeptPromise(
  { context: order, sums }: OrderFacts,
  shipments: readonly ShipmentFacts[],
  deliveredMs: number | undefined,
): number | undefined {
  const { promisedMs = 0 } = sums
  // Nearly always all came before any promise, or nothing has come.
  if (deliveredMs !== undefined && deliveredMs <= promisedMs) return undefined
  if (shipments.every(({ context }) => isEmpty(context.deliveries))) return promisedMs
  const inTime = deliveredInTime(order, shipments)
  let earliest: number | undefined
  for (let index = 0; index < order.lines.length; index++) {
    const promised = promiseOf(order, order.lines[index])
    const wanted = wantedOf(order.quantities, index)
    const isKept = (inTime[index] ?? 0) >= wanted - underTolerance(order, index)
    if (promised === undefined || wanted <= 0 || isKept) continue
    if (earliest === undefined || promised < earliest) earliest = promised
  }
  return earliest
}

/** What was delivered of each line by its promise. */
function deliveredInTime(order: OrderContext, shipments: readonly ShipmentFacts[]): readonly number[] {
  const inTime = order.lines.map(() => 0)
  for (const { context } of shipments) {
    if (isEmpty(context.deliveries)) continue
    // Lines mostly have one promise: what was proved by it is put together once.
    let proved = context
    let proofs = proofsOf(context)
    let provedMs: number | undefined
    for (let at = 0; at < context.lines.length; at++) {
      const index = lineIndex(order, context.lines[at] as string)
      const promised = promiseOf(order, order.lines[index])
      if (promised === undefined) continue
      if (promised !== provedMs) {
        proved = provedBy(context, promised)
        proofs = proofsOf(proved)
        provedMs = promised
      }
      inTime[index] = (inTime[index] ?? 0) + deliveredOf(proved, at, proofs)
    }
  }
  return inTime
}

/** The shipment as it was proved to be delivered by `ms`. */
function provedBy(shipment: ShipmentContext, ms: number): ShipmentContext {
  const proofs = Object.entries(shipment.deliveries)
  const known = proofs.filter(([, { place }]) => placeMs(place) <= ms)
  return known.length === proofs.length ? shipment : { ...shipment, deliveries: Object.fromEntries(known) }
}

const NO_SHIPMENTS: readonly ShipmentRecord[] = []

function membersOf(table: object): number {
  let count = 0
  for (const _ in table) count++
  return count
}

function shipmentRecord({
  context: shipment,
  delivered,
  hasLeft,
  isDamaged,
  isShort,
  left,
}: ShipmentFacts): ShipmentRecord {
  const { expectedAt, instructions, promisedAt } = shipment
  const promised = promisedAt ?? instructions.promisedAt
  const isLate = expectedAt !== undefined && promised !== undefined && expectedAt > promised
  const isHurt = isDamaged || shipment.isWhollyDamaged === true || wasCleared(shipment)
  return {
    node: shipment.node,
    service: shipment.service ?? instructions.service,
    carriers: shipment.carriers,
    releasedMs: placeMs(shipment.releasedPlace),
    acknowledgedMs: shipment.milestones['shipment.acknowledged']?.atMs,
    leftMs: left === undefined ? undefined : placeMs(left),
    deliveredMs: delivered === undefined ? undefined : placeMs(delivered),
    hadTrouble:
      isLate || isHurt || isShort || shipment.attemptPlace !== undefined || (hasLeft && !isEmpty(shipment.ends)),
  }
}

/** Whether something was told to be damaged and found to be fit. */
const wasCleared = ({ cleared, damaged }: ShipmentContext): boolean =>
  cleared !== undefined && damaged.some(each => each > 0)

/** Where an order stands on its way from capture to cash. */
function stageOf(lifecycle: string, fulfilment: string, billing: string): string {
  if (lifecycle !== 'accepted') return lifecycle
  return fulfilment === 'delivered' ? billing : fulfilment
}

/** The finished legs of the shipments, for what is usual; none where nothing is known. */
export function legsOf({
  capturedMs,
  shipments,
}: Pick<OrderRecord, 'capturedMs' | 'shipments'> = NO_ORDER): readonly Leg[] {
  const legs: Leg[] = []
  for (const { deliveredMs, leftMs, node, releasedMs, service } of shipments) {
    legs.push({ stage: 'receive_to_release', node, service, ms: Math.max(0, releasedMs - capturedMs) })
    if (leftMs === undefined) continue
    legs.push({ stage: 'release_to_ship', node, service, ms: Math.max(0, leftMs - releasedMs) })
    if (deliveredMs !== undefined)
      legs.push({ stage: 'ship_to_deliver', node, service, ms: Math.max(0, deliveredMs - leftMs) })
  }
  return legs
}

const NO_ORDER = { capturedMs: 0, shipments: [] }

/** The latest of the times that are known. */
function latest(shipments: readonly ShipmentRecord[], name: 'leftMs' | 'deliveredMs'): number | undefined {
  let last: number | undefined
  for (const { [name]: ms } of shipments) if (ms !== undefined && (last === undefined || ms > last)) last = ms
  return last
}

function lastPostedMs({ invoices }: OrderContext): number | undefined {
  let last: number | undefined
  for (const invoice in invoices) {
    const postedMs = invoices[invoice]?.postedMs
    if (postedMs !== undefined && (last === undefined || postedMs > last)) last = postedMs
  }
  return last
}
