// Facets: by what measures are told apart: channel, node, carrier, source. Pure. An order counts in each group that it, or a
// shipment of it, belongs to; of what is counted by shipment only those of the group count.
// An order belongs to a source as moves of it do (domain §1): to the channel that captured it, the ERPs of its company, the
// systems of its nodes, its carriers. An exception belongs to the source of the event behind it, else to those whose turn it is.
import { type Source, scopesInclude } from '../../machines/sources.ts'
import { ownersOf } from '../card/owners.ts'
import type { OrderException } from '../exceptions/condition.ts'
import type { Facts } from '../exceptions/facts.ts'
import type { OrderRecord, ShipmentRecord } from './order-record.ts'

export type Facet = 'channel' | 'node' | 'carrier' | 'source'

/** One group that an order counts in; undefined is all of them together. */
export interface Membership {
  readonly group: string | undefined
  readonly shipments: readonly ShipmentRecord[]
}

/** The groups of an order; `sources` are the connected systems. */
export function membershipsBy(
  by: Facet | undefined,
  sources: readonly Source[],
): (record: OrderRecord) => readonly Membership[] {
  switch (by) {
    case undefined:
      return ({ shipments }) => [{ group: undefined, shipments }]
    case 'channel':
      return ({ channel, shipments }) => [{ group: channel, shipments }]
    case 'node':
      return ({ shipments }) => grouped(shipments, ({ node }) => [node])
    case 'carrier':
      return ({ shipments }) => grouped(shipments, ({ carriers }) => carriers)
    case 'source':
      return record => sources.flatMap(source => membershipIn(source, record) ?? [])
  }
}

function grouped(
  shipments: readonly ShipmentRecord[],
  groupsOf: (shipment: ShipmentRecord) => readonly string[],
): readonly Membership[] {
  const groups = new Set(shipments.flatMap(groupsOf))
  return [...groups].map(group => ({ group, shipments: shipments.filter(each => groupsOf(each).includes(group)) }))
}

function membershipIn(source: Source, { channel, company, shipments }: OrderRecord): Membership | undefined {
  const whole = (isOfIt: boolean) => (isOfIt ? { group: source.id, shipments } : undefined)
  const those = (isOfIt: (shipment: ShipmentRecord) => boolean) => {
    const own = shipments.filter(isOfIt)
    return own.length === 0 ? undefined : { group: source.id, shipments: own }
  }
  switch (source.role) {
    case 'channel':
    case 'crm':
      return whole(channel === source.id)
    case 'erp':
      return whole(company === '' || scopesInclude(source.companies, company))
    case 'wms':
    case '3pl':
      return those(({ node }) => scopesInclude(source.nodes, node))
    case 'carrier':
      return those(({ carriers }) => carriers.some(carrier => scopesInclude(source.carriers, carrier)))
    case 'tms':
      return those(({ carriers }) => carriers.length > 0)
    case 'operator':
      return undefined
  }
}

/** The groups of an exception of a family; one that is undefined without a facet. */
export function exceptionGroups(
  by: Facet | undefined,
  facts: Facts,
  sources: readonly Source[],
): (exception: OrderException) => readonly (string | undefined)[] {
  const { order, shipments } = facts
  const concerned = ({ actor }: OrderException) => {
    const own = shipments.filter(({ key }) => key === actor)
    return own.length === 0 ? shipments : own
  }
  switch (by) {
    case undefined:
      return () => [undefined]
    case 'channel':
      return () => (order === undefined ? [] : [order.context.channel])
    case 'node':
      return exception => [...new Set(concerned(exception).map(({ context }) => context.node))]
    case 'carrier':
      return exception => [...new Set(concerned(exception).flatMap(({ context }) => context.carriers))]
    case 'source':
      return ({ action, actor, event }) =>
        event !== undefined
          ? [event.source]
          : action.by === 'operator'
            ? []
            : ownersOf(action.by, actor, facts, sources)
  }
}
