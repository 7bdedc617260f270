// Meaning: what an event is about within a family: the actors that hold the number it is addressed by, the one a person linked
// that to, or what is open there. Pure.
import type { CanonicalEvent } from '../machines/event.ts'
import { eventTypeEntry } from '../machines/event-types.ts'
import { type ActorKey, kindOf, ORDER_KEY, returnKey } from '../machines/ids.ts'
import type { ReturnContext } from '../machines/return/context.ts'
import { endOf, isDelivered, type ShipmentContext } from '../machines/shipment/context.ts'
import { isNothingLeft } from '../machines/shipment/gates.ts'
import type { Source } from '../machines/sources.ts'
import type { Family } from './family.ts'
import { linkIn } from './links.ts'
import { type Holder, holdersFor, isAmbiguous, namesShared } from './references.ts'

/** What an event is about within a family. */
export interface Meant {
  readonly actors: readonly ActorKey[]
  /** It was read from what is open there, or leads over a number a return got from others: facts still to come may show otherwise. */
  readonly isInferred: boolean
  /** It is about those it means at its own place, and nobody since. */
  readonly isThen?: true
  /** Its number means several things here. */
  readonly isAmbiguous?: true
}

/** The actors that hold what the event names; where none does, the one a person linked it to. */
function heldBy(event: CanonicalEvent, family: Family, holders: readonly Holder[]): readonly ActorKey[] {
  const held = actorsOf(holders)
  if (held.length > 0) return held
  const link = linkIn(family.links, event.subject)
  return link === undefined || !family.actors.has(link.actor) ? [] : [link.actor]
}

/** What is known already of whom an event leads to. */
export interface Led {
  /** Who holds the number it is addressed by. */
  readonly holders?: readonly Holder[]
  /** The one actor a person said it is about: nothing else is asked. */
  readonly actor?: ActorKey
}

/** What an event means in `family`. No actors: that is not clear, and it waits. */
export function meantIn(event: CanonicalEvent, source: Source, family: Family, led: Led = NOT_LED): Meant {
  const { entity } = eventTypeEntry(event.type)
  if (event.type === 'order.captured') return ORDER_ITSELF
  if (entity === 'order' && event.subject.kind === 'order')
    return family.actors.order !== undefined && event.subject.number === family.id ? ORDER_ITSELF : NOBODY
  const holders = led.actor === undefined ? (led.holders ?? holdersFor(event, source, family)) : NO_HOLDERS
  const held = led.actor === undefined ? heldBy(event, family, holders) : [led.actor]
  if (entity === 'order') return { actors: held.length === 0 ? [] : [ORDER_KEY], isInferred: false }
  const direct = entity === 'any' ? held : held.filter(key => family.actors.get(key)?.kind === entity)
  if (direct.length > 1 && isAmbiguous(event, holders)) return SEVERAL
  if (entity === 'any') return { actors: held, isInferred: held.some(key => isUninitiated(key, family)) }
  if (entity === 'return') return meantReturn(event, family, direct, held)
  if (direct.length > 0)
    return takesOff(event) ? takenOff(event, source, family, direct) : { actors: direct, isInferred: false }
  const isOrder = held.includes(ORDER_KEY)
  return { actors: isOrder ? openShipment(family, source) : [], isInferred: isOrder }
}

const NOT_LED: Led = {}
const ORDER_ITSELF: Meant = { actors: [ORDER_KEY], isInferred: false }
const NOBODY: Meant = { actors: [], isInferred: false }
const SEVERAL: Meant = { actors: [], isInferred: false, isAmbiguous: true }
const NO_HOLDERS: readonly Holder[] = []

/** The actors of `holders`, each once. */
function actorsOf(holders: readonly Holder[]): readonly ActorKey[] {
  let actors: readonly ActorKey[] = []
  for (const { actor } of holders) if (!actors.includes(actor)) actors = [...actors, actor]
  return actors
}

/** What takes goods off a load, and so numbers off those that hold them. */
export const takesOff = ({ type }: { readonly type: string }): boolean =>
  type === 'shipment.cancelled' || type === 'shipment.split'

/** What takes goods off a load is about the shipments that carry its number then, not about those that take it later. */
function takenOff(event: CanonicalEvent, source: Source, family: Family, direct: readonly ActorKey[]): Meant {
  if (!namesShared(event, source, family)) return { actors: direct, isInferred: false }
  // A split makes one load of one shipment: which, a number that several share does not tell.
  return event.type === 'shipment.split' ? NOBODY : { actors: direct, isInferred: true, isThen: true }
}

/** A shipment event that names just the order means its one open shipment at the source's node. */
function openShipment(family: Family, source: Source): readonly ActorKey[] {
  const open = family.actors.others.filter(actor => {
    if (actor.kind !== 'shipment') return false
    const shipment = actor.context as ShipmentContext
    const isHere = source.nodes === undefined || source.nodes.includes(shipment.node)
    return (
      isHere && !isDelivered(shipment) && endOf(shipment)?.kind !== 'returned_to_sender' && !isNothingLeft(shipment)
    )
  })
  return open.length === 1 ? open.map(({ key }) => key) : []
}

interface ReturnNumbers {
  readonly return?: string
  readonly rma?: string
  readonly receipt?: string
}

/** Returns the subject leads to; else, where it leads to the order or one of its shipments, what the data tells. */
function meantReturn(
  event: CanonicalEvent,
  family: Family,
  direct: readonly ActorKey[],
  held: readonly ActorKey[],
): Meant {
  const actors = direct.length > 0 ? direct : held.length > 0 ? returnOf(event, family) : []
  const { number } = event.subject
  const named = (event.data as ReturnNumbers).return
  const isOwn = (key: ActorKey) => key === returnKey(number) || key === returnKey(named ?? number)
  const isKnown = event.type === 'return.initiated' || !actors.some(key => isUninitiated(key, family))
  return { actors, isInferred: !(actors.length > 0 && isKnown && actors.every(isOwn)) }
}

/** A return made by anything else than its initiation may have got its number for want of a better one. */
function isUninitiated(key: ActorKey, { actors }: Family): boolean {
  const actor = actors.get(key)
  return kindOf(key) === 'return' && !('return.initiated' in ((actor?.context as ReturnContext)?.milestones ?? {}))
}

/**
 * The return an event names: by its number, the receipt or the RMA it covers. Else the one open return it may be about.
 * Else, for events that make returns, a new one. Empty where nothing or more than one fits.
 */
function returnOf(event: CanonicalEvent, family: Family): readonly ActorKey[] {
  const numbers = event.data as ReturnNumbers
  const returns = family.actors.others
    .filter(({ kind }) => kind === 'return')
    .map(({ context, key }) => [key, context as ReturnContext] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
  const named =
    returns.find(([, back]) => back.number === numbers.return) ??
    returns.find(([, { rmas }]) => rmas.some(rma => rma === numbers.return || rma === numbers.rma)) ??
    returns.find(([, back]) => numbers.receipt !== undefined && back.receipts.includes(numbers.receipt))
  if (named !== undefined) return [named[0]]
  const open = numbers.return === undefined ? returns.filter(([, back]) => isOpenFor(event, back)) : []
  if (open.length > 0) return open.length === 1 ? open.map(([key]) => key) : []
  const number = numbers.return ?? numbers.receipt ?? numbers.rma ?? `${event.source}:${event.id}`
  return MAKES_RETURNS.has(event.type) ? [returnKey(number)] : []
}

const MAKES_RETURNS: ReadonlySet<string> = new Set(['return.initiated', 'return.authorized', 'return.received'])

/** An authorization is for a return that has none yet. */
const isOpenFor = (event: CanonicalEvent, back: ReturnContext): boolean =>
  back.closedPlace === undefined && !(event.type === 'return.authorized' && back.rma !== undefined)
