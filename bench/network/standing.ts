// Standing: what the latest report of its kind has set of an order (domain C3), as it was said and as the twin has it. Both are told
// apart from how the twin judged: neither the clean run nor the engine's own idea of what is newest is asked.
import type { Actors } from '../../engine/actors.ts'
import type { EventInput } from '../../machines/event.ts'
import { type Place, placeOf } from '../../machines/ids.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import type { ShipmentContext } from '../../machines/shipment/context.ts'

/** Who set it last, by the report's place, and to what. */
export interface Standing {
  readonly place: Place
  readonly value: string
}

/** By setting. */
export type Standings = ReadonlyMap<string, Standing>

/** Some of what a life's reports say (load/order-life.ts). */
interface ToldData {
  readonly erpNumber?: string
  readonly freightMinor?: number
  readonly tracking?: string
  readonly proof?: { readonly signedBy?: string }
  readonly lines?: readonly { readonly line: string; readonly allocated?: number; readonly node?: string }[]
}

type Settings = readonly (readonly [setting: string, value: string])[]

/** What a report sets that a later one of its kind sets anew, and to what. */
export function settingsOf({ data, type }: EventInput): Settings {
  const { erpNumber, freightMinor, lines = [], proof, tracking } = data as ToldData
  switch (type) {
    case 'credit.held':
      return [['credit', 'held']]
    case 'credit.approved':
      return [['credit', 'approved']]
    case 'backorder.created':
    case 'order.allocated':
      return lines.map(({ allocated, line, node }) => [`stock of line ${line}`, stock(allocated, node)])
    case 'order.validated':
      return [['validation', 'passed']]
    case 'order.accepted':
      return [['ERP number', `${erpNumber}`]]
    case 'shipment.confirmed':
      return [['freight', `${freightMinor}`]]
    case 'delivery.completed':
      return [[`proof of ${tracking}`, `${proof?.signedBy}`]]
    default:
      return []
  }
}

const stock = (allocated: number | 'all' = 0, node = 'no node'): string => `${allocated} at ${node}`

export const saidPlace = ({ id, source, time }: EventInput): Place =>
  placeOf({ timeMs: Date.parse(time ?? ''), source, id })

/** What must stand once all of this is heard, in whatever order it came. */
export function standingsTold(events: readonly EventInput[]): Standings {
  const standings = new Map<string, Standing>()
  for (const event of events) {
    const place = saidPlace(event)
    for (const [setting, value] of settingsOf(event))
      if (place > (standings.get(setting)?.place ?? '')) standings.set(setting, { place, value })
  }
  return standings
}

// lifecycle, credit, fulfilment, billing.
const CREDIT_REGION = 1

/** What stands of an order, as its actors have it. */
export function standingsOf({ order, others }: Actors): Standings {
  const found = new Map<string, Standing>()
  const find = (setting: string, place: Place | undefined, value: unknown) => {
    if (place !== undefined) found.set(setting, { place, value: `${value}` })
  }
  if (order !== undefined) {
    const { allocations, credit, creditPlace, erpNumber, lines, places, validation } = order.context as OrderContext
    const charted = order.state.split('.')[CREDIT_REGION]
    find('credit', creditPlace, charted === credit ? credit : `${charted} in the chart and ${credit} in the context`)
    find('validation', validation?.place, validation?.reasons.join() || 'passed')
    find('ERP number', places.erpNumber, erpNumber)
    for (const [index, allocation] of allocations.entries()) {
      const { allocated, node, place } = allocation ?? {}
      find(`stock of line ${lines[index]?.line}`, place, stock(allocated, node))
    }
  }
  for (const { context, kind } of others) {
    if (kind !== 'shipment') continue
    const { deliveries, freightMinor, places } = context as ShipmentContext
    find('freight', places.freightMinor, freightMinor)
    for (const [tracking, { place, signedBy }] of Object.entries(deliveries))
      find(`proof of ${tracking}`, place, signedBy)
  }
  return found
}
