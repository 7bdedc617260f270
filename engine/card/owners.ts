// Which connected systems a rule means for one actor now. Pure.
import { type ActorKey, ORDER_KEY } from '../../machines/ids.ts'
import { type OwnerRule, rolesOf } from '../../machines/owners.ts'
import type { Source } from '../../machines/sources.ts'
import type { Facts } from '../exceptions/facts.ts'

/** Sources that `rule` resolves to for the actor; the whole role where data does not tell more. */
export function ownersOf(
  rule: OwnerRule,
  actor: ActorKey,
  facts: Facts,
  sources: readonly Source[],
): readonly string[] {
  const able = sources.filter(({ role }) => role !== 'operator' && rolesOf(rule).includes(role))
  const fitting = able.filter(source => fits(rule, source, actor, facts))
  return fitting.map(({ id }) => id)
}

function fits(rule: OwnerRule, source: Source, actor: ActorKey, { order, shipments }: Facts): boolean {
  const context = order?.context
  const shipment =
    shipments.find(({ key }) => key === actor)?.context ?? (actor === ORDER_KEY ? shipments[0]?.context : undefined)
  switch (rule) {
    case 'erp':
      return context?.company === undefined || (source.companies?.includes(context.company) ?? true)
    case 'channel':
      return source.role === 'crm' || source.id === context?.channel
    case 'node':
      return shipment === undefined || (source.nodes?.includes(shipment.node) ?? true)
    case 'transport':
      if (source.role === 'tms' || shipment === undefined) return true
      if (source.role === 'carrier') return source.carriers?.some(each => shipment.carriers.includes(each)) ?? true
      return shipment.carriers.length === 0 && (source.nodes?.includes(shipment.node) ?? true)
    case 'twin':
    case 'any':
    case 'operator':
      return true
  }
}
