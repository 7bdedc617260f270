// Links: what a person said a number means that nobody holds (domain §2: what fits nothing waits until data or a person
// settles it). Kept with the family; asked only where no actor holds the number, so that what data says later goes first. Pure.
import type { Subject } from '../machines/event.ts'
import type { ActorKey } from '../machines/ids.ts'
import { withMembers } from '../machines/records.ts'
import type { JournalEntry } from './entry.ts'

export interface Link {
  readonly actor: ActorKey
  /** The entry that says so: of several families linked to one number the newest counts. */
  readonly position: number
}

/** By number, or KIND/NUMBER where the person named a kind. */
export type Links = Readonly<Record<string, Link>>

interface Linked {
  readonly number: string
  readonly kind?: string
  readonly actor: ActorKey
}

const nameOf = ({ kind, number }: Pick<Linked, 'kind' | 'number'>): string =>
  kind === undefined ? number : `${kind}/${number}`

/** `links` after an entry: one that links a number and has the family learn it. */
export function linksAfter(links: Links, { event, learned, position }: JournalEntry): Links {
  if (event.type !== 'reference.linked') return links
  const linked = event.data as Linked
  if (!learned.includes(linked.number)) return links
  return withMembers(links, { [nameOf(linked)]: { actor: linked.actor, position } })
}

/** The kind of number a subject names; undefined where it names none. */
export const kindNamed = (subject: Subject): string | undefined =>
  subject.kind === 'reference' ? subject.reference : subject.kind

/** What a subject is linked to. */
export const linkIn = (links: Links, subject: Subject): Link | undefined =>
  own(links, nameOf({ number: subject.number, kind: kindNamed(subject) })) ?? own(links, subject.number)

const own = (links: Links, name: string): Link | undefined => (Object.hasOwn(links, name) ? links[name] : undefined)
