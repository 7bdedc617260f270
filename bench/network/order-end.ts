// OrderEnd: what stands of one order in the end, and every verdict that made it so, as far as the oracle compares them.
import { digestOf, namesOf } from '../../engine/document-list.ts'
import { isFact, type JournalEntry } from '../../engine/entry.ts'
import type { Family } from '../../engine/family.ts'
import type { Verdict } from '../../engine/outcome.ts'
import type { Twin } from '../../engine/twin.ts'
import { type Standings, standingsOf } from './standing.ts'

/** What the oracle asks of a twin. */
export type AskedTwin = Pick<Twin, 'entries' | 'family' | 'opened' | 'orderCounts'>

export interface OrderEnd {
  /** States and contexts of its actors, its documents and what waits, as text in clear: what the order of arrival must not change. */
  readonly text: string
  /** What stands of it by the latest report of its kind. */
  readonly standings: Standings
  readonly shipments: readonly string[]
  /** Invoices posted, by number. */
  readonly invoices: readonly string[]
  readonly parked: number
  /** As they were journaled. */
  readonly verdicts: readonly SaidVerdict[]
  /** How many entries a watcher of all orders is told of, at least and at most: of what came before the order was there perhaps none. */
  readonly changes: readonly [least: number, most: number]
}

export interface SaidVerdict {
  /** Source and id of the event. */
  readonly event: string
  readonly source: string
  readonly type: string
  readonly verdict: Verdict
}

export const eventKey = ({ id, source }: { readonly id: string; readonly source: string }): string => `${source} ${id}`

/** Undefined when there is no such order. */
export async function orderEnd(twin: AskedTwin, order: string): Promise<OrderEnd | undefined> {
  const family = await twin.family(order)
  if (family === undefined) return undefined
  const entries = await allEntries(twin, order)
  const verdicts = entries.map(({ event, verdict }) => ({
    event: eventKey(event),
    source: event.source,
    type: event.type,
    verdict,
  }))
  const opened = twin.opened(family)
  return {
    text: textOf(opened),
    standings: standingsOf(opened.actors),
    shipments: numbersOf(family.actors.keys, 'shipment/'),
    invoices: numbersOf(namesOf(family.documents), 'invoice/'),
    parked: family.parked.length,
    verdicts,
    changes: changesOf(entries),
  }
}

function changesOf(entries: readonly JournalEntry[]): OrderEnd['changes'] {
  const changing = entries.filter(
    ({ changes, frees, parks }) => changes.length + frees.length > 0 || parks !== undefined,
  )
  const captured = changing.findIndex(entry => entry.event.type === 'order.captured' && isFact(entry))
  return [captured < 0 ? 0 : changing.length - captured, changing.length]
}

/** A family has a few dozen entries; one that has more is read page by page. */
const PAGE = 500

export async function allEntries(twin: Pick<AskedTwin, 'entries'>, family: string): Promise<readonly JournalEntry[]> {
  const entries: JournalEntry[] = []
  for (;;) {
    const page = await twin.entries(family, { after: entries.at(-1)?.position ?? 0, first: PAGE })
    entries.push(...page)
    if (page.length < PAGE) return entries
  }
}

const numbersOf = (keys: readonly string[], prefix: string): readonly string[] =>
  keys.filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length))

function textOf({ actors, documents, parked }: Family): string {
  const ends = actors.all.map(({ context, key, state }) => [key, state, context])
  // Their digests are made with the order's own key, which is another in every store.
  const papers = namesOf(documents).filter(name => digestOf(documents, name) !== undefined)
  return canonical([ends.sort(byKey), papers.sort(), parked.map(({ event }) => eventKey(event)).sort()])
}

const byKey = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1)

/** JSON with the members of records in one order, absent ones left out. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(byKey))
      : member,
  )
