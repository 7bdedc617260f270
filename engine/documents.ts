// Documents: a business number counts once (domain C5). The same number under a second event id is superseded if it says
// the same, and refused if it does not. Pure.
import type { CanonicalEvent } from '../machines/event.ts'
import { type ActorKey, shipmentKey } from '../machines/ids.ts'
import { type Documents, digestOf, NO_DOCUMENTS, namesOf } from './document-list.ts'
import type { Family } from './family.ts'
import { dataHash, hashText } from './hash.ts'

/** The document `event` is, for the actor it is about; undefined where it carries no number of its own. */
export function documentOf(event: CanonicalEvent, actor: ActorKey): string | undefined {
  switch (event.type) {
    case 'order.captured':
      return 'order'
    case 'order.released':
      return shipmentKey(event.data.node, event.data.shipment)
    case 'shipment.split':
      return `shipment/${actor.split('/')[1]}/${event.data.shipment}`
    case 'shipment.confirmed':
      return `confirmed/${actor}`
    case 'invoice.posted':
      return `invoice/${event.data.invoice}`
    case 'invoice.credited':
    case 'return.credited':
      return `memo/${event.data.memo}`
    case 'payment.received':
      return `payment/${event.data.payment}`
    case 'order.change_requested':
    case 'order.cancel_requested':
      return `ask/${event.data.ask}`
    case 'return.initiated':
      return `initiated/${actor}`
    case 'order.cancelled':
    case 'shipment.cancelled':
      return event.data.cancellation === undefined ? undefined : `cancellation/${actor}/${event.data.cancellation}`
    case 'pick.completed':
    case 'pick.short':
    case 'item.substituted':
      return event.data.task === undefined ? undefined : `${event.type}/${actor}/${event.data.task}`
    default:
      return undefined
  }
}

// Not keyed: digests are journaled and compared only within one family, under one document number.
const DIGEST_KEY = { a: 0x6f726465, b: 0x72747769 }

/** What the document says, as a digest of its data. Parsed data has its members in the schema's order, whatever order they were sent in. */
export function contentDigest(event: CanonicalEvent): string {
  return hashText(dataHash(event.data, DIGEST_KEY))
}

/** JSON with sorted keys; undefined members are left out. */
export function canonicalText(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`
}

/** The documents an event is, the actors to whom it says something new, and one that said something else before (C5). */
export function documentsOf(family: Family, actors: readonly ActorKey[], event: CanonicalEvent) {
  // Whether an event is a document, its type and data tell alone.
  if (actors.length === 0 || documentOf(event, actors[0] as ActorKey) === undefined)
    return { open: actors, fresh: NO_DOCUMENTS, taken: undefined }
  const digest = contentDigest(event)
  let fresh = NO_DOCUMENTS
  let open: readonly ActorKey[] = []
  let taken: string | undefined
  for (const key of actors) {
    const name = documentOf(event, key) as string
    const known = digestOf(family.documents, name)
    if (known === digest) continue
    if (known !== undefined) taken = name
    fresh = [...fresh, name, digest]
    open = [...open, key]
  }
  return { open: open.length === actors.length ? actors : open, fresh, taken }
}

/** The documents of `whole` that `family` does not know so; an empty digest withdraws one. */
export function documentsAnew(family: Family, whole: Family): Documents {
  const changed = namesOf(whole.documents).filter(
    name => digestOf(family.documents, name) !== digestOf(whole.documents, name),
  )
  const gone = namesOf(family.documents).filter(
    name => digestOf(family.documents, name) !== undefined && digestOf(whole.documents, name) === undefined,
  )
  return [
    ...changed.flatMap(name => [name, digestOf(whole.documents, name) ?? '']),
    ...gone.flatMap(name => [name, '']),
  ]
}
