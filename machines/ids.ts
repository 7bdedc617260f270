// Identifiers and places. A *place* is where an event stands in the order of what happened (domain C1).
import { base36Of9, base36Of11, numberOf9 } from './base36.ts'

declare const brand: unique symbol
type Brand<T, Name extends string> = T & { readonly [brand]: Name }

/** Where an event stands among all others: time, then sequence, source, id. Compares as a plain string. */
export type Place = Brand<string, 'Place'>

/** The three kinds of actor. */
export type EntityKind = 'order' | 'shipment' | 'return'

/** An actor within its family: `order`, `shipment/NODE/NUMBER` or `return/NUMBER`. */
export type ActorKey = string

export const ORDER_KEY: ActorKey = 'order'
/** The node is escaped: what stands behind the second slash is the number, slashes and all. */
export const shipmentKey = (node: string, number: string): ActorKey =>
  `shipment/${PLAIN.test(node) ? node : encodeURIComponent(node)}/${number}`
// What encodeURIComponent leaves as it is; asking costs a quarter of encoding.
const PLAIN = /^[\w.~-]*$/
export const returnKey = (number: string): ActorKey => `return/${number}`

export function kindOf(key: ActorKey): EntityKind {
  if (key === ORDER_KEY) return 'order'
  return key.startsWith('shipment/') ? 'shipment' : 'return'
}

// Sorts before every digit and letter: what is absent, or shorter, comes first.
const SEPARATOR = '!'
const NO_SEQUENCE = SEPARATOR + SEPARATOR

/** The place of an event (C1). `sequence` is absent where the source keeps no counter and then sorts first. */
export function placeOf(event: { timeMs: number; sequence?: number; source: string; id: string }): Place {
  const { id, sequence, source, timeMs } = event
  const counted = sequence === undefined ? NO_SEQUENCE : SEPARATOR + base36Of11(sequence) + SEPARATOR
  return (base36Of9(timeMs) + counted + source + SEPARATOR + id) as Place
}

/** Whichever place comes later; the empty one comes before all. */
export function laterPlace<A extends Place | ''>(a: A, b: A): A {
  if (a > b) return a
  return b
}

/** Whichever place comes earlier; an unknown one does not count. */
export function earlierPlace(a: Place | undefined, b: Place): Place {
  if (a !== undefined && a < b) return a
  return b
}

/** The time of a place, epoch milliseconds UTC. */
export const placeMs = (place: Place): number => numberOf9(place)
