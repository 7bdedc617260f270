// The oracle of network scenarios: what must be true at the end of the day, however it was delivered. It knows what was said
// and how a clean run of it ended: each event once, in the order it happened.
import { isFact } from '../../engine/entry.ts'
import { waitingFamilyId } from '../../engine/family.ts'
import type { OutcomeCode } from '../../engine/outcome.ts'
import { mayOwn } from '../load/may-own.ts'
import type { Checks } from '../oracle.ts'
import type { Said } from './day.ts'
import { type AskedTwin, allEntries, eventKey, type OrderEnd, orderEnd } from './order-end.ts'
import { checkOverwriting } from './overwriting.ts'

export type Ends = ReadonlyMap<string, OrderEnd>

/** How every order of the day ended. */
export async function endsOf(twin: AskedTwin, orders: Iterable<string>): Promise<Ends> {
  const ends = new Map<string, OrderEnd>()
  for (const order of orders) {
    const end = await orderEnd(twin, order)
    if (end !== undefined) ends.set(order, end)
  }
  return ends
}

/** Events that waited under a number that nobody knew: what they came to then stands in no order's history. By their keys. */
export async function waitedUnder(
  twin: Pick<AskedTwin, 'entries'>,
  said: readonly Said[],
): Promise<ReadonlySet<string>> {
  const numbers = new Set(
    said.flatMap(({ event: { subject } }) =>
      subject.startsWith('order/') ? [] : [subject.slice(subject.lastIndexOf('/') + 1)],
    ),
  )
  const waited = new Set<string>()
  for (const number of numbers)
    for (const { event, verdict } of await allEntries(twin, waitingFamilyId(number)))
      if (verdict === 'parked') waited.add(eventKey(event))
  return waited
}

export interface Judged {
  readonly said: readonly Said[]
  readonly clean: Ends
  readonly ends: Ends
  /** What each sending of an event was told, by its key. */
  readonly told: readonly (readonly [event: string, outcome: OutcomeCode])[]
  /** Events of which a sending got no answer that lasts, by their keys. */
  readonly unanswered: ReadonlySet<string>
  /** As waitedUnder() finds them. */
  readonly waited: ReadonlySet<string>
}

/** What could not be tried is returned as notes. */
export function judgeEnds(judged: Judged, checks: Checks): readonly string[] {
  for (const [fact, flaws] of FACTS) {
    const found = flaws(judged)
    const more = found.length > 1 ? ` and ${found.length - 1} more` : ''
    checks.check(fact, found.length === 0 ? undefined : `${found[0]}${more}`)
  }
  return checkOverwriting(judged, checks)
}

const FACTS: readonly (readonly [string, (judged: Judged) => readonly string[]])[] = [
  ['no event is lost', lost],
  ['no event is applied twice', appliedTwice],
  ['no shipment is there twice', judged => twice(judged, ({ shipments }) => shipments, 'shipment')],
  ['each order has the shipments and invoices that were told, and no others', otherPapers],
  ['no invoice is there twice', judged => twice(judged, ({ invoices }) => invoices, 'invoice')],
  ['nobody moved what another owns', breaches],
  ['nothing waits for ever', waiting],
  ['every order ends as in the clean run', unlike],
  ['sources are told what was judged', toldOtherwise],
]

/** Each event has a verdict, and counts where it counts in the clean run. */
function lost({ clean, ends, said }: Judged): readonly string[] {
  const heard = keysOf(ends, () => true)
  const counted = keysOf(ends, isFact)
  const countedClean = keysOf(clean, isFact)
  return said.flatMap(({ event }) => {
    const key = eventKey(event)
    if (!heard.has(key)) return [`${event.type} ${event.id} was never judged`]
    return countedClean.has(key) && !counted.has(key) ? [`${event.type} ${event.id} does not count`] : []
  })
}

function appliedTwice({ ends }: Judged): readonly string[] {
  return [...ends].flatMap(([order, { verdicts }]) => {
    const facts = verdicts.filter(isFact).map(({ event }) => event)
    return repeated(facts).map(event => `${order} counts ${event} twice`)
  })
}

/** A number that two orders have, or that an order has more often than in the clean run. */
function twice(
  { clean, ends }: Judged,
  numbers: (end: OrderEnd) => readonly string[],
  noun: string,
): readonly string[] {
  const all = [...ends.values()].flatMap(numbers)
  const more = [...ends].filter(([order, end]) => {
    const wanted = clean.get(order)
    return wanted !== undefined && numbers(end).length > numbers(wanted).length
  })
  return [
    ...repeated(all).map(number => `${noun} ${number} is there twice`),
    ...more.map(([order, end]) => `${order} has ${noun}s ${numbers(end).join(', ')}`),
  ]
}

/** The clean run cannot tell: what the twin makes two of there, it makes two of here. */
function otherPapers({ ends, said }: Judged): readonly string[] {
  const told = new Map<string, { readonly shipments: string[]; readonly invoices: string[] }>()
  for (const { event, order, outcome } of said) {
    const papers = told.get(order) ?? { shipments: [], invoices: [] }
    told.set(order, papers)
    const { invoice, node, shipment } = event.data as { invoice?: string; node?: string; shipment?: string }
    if (outcome !== 'accepted') continue
    if (event.type === 'order.released') papers.shipments.push(`${node}/${shipment}`)
    if (event.type === 'invoice.posted') papers.invoices.push(`${invoice}`)
  }
  return [...ends].flatMap(([order, { invoices, shipments }]) => {
    const wanted = told.get(order)
    const differs = (found: readonly string[], all: readonly string[] = []) =>
      found.toSorted().join() === all.toSorted().join()
        ? []
        : [`${order} has ${found.join(', ') || 'none'}, not ${all.join(', ') || 'none'}`]
    return [...differs(shipments, wanted?.shipments), ...differs(invoices, wanted?.invoices)]
  })
}

/** An answer is one of the event's verdicts; that it is a repeat is told of what was answered before, or went without an answer. */
function toldOtherwise({ ends, told, unanswered, waited }: Judged): readonly string[] {
  const verdicts = new Map<string, Set<OutcomeCode>>([...waited].map(event => [event, new Set(['parked'])]))
  for (const { verdicts: all } of ends.values())
    for (const { event, verdict } of all) {
      const known = verdicts.get(event)
      if (known === undefined) verdicts.set(event, new Set([verdict]))
      else known.add(verdict)
    }
  const heard = new Set(unanswered)
  for (const [event, outcome] of told) if (outcome !== 'duplicate') heard.add(event)
  return told.flatMap(([event, outcome]) =>
    (outcome === 'duplicate' ? heard.has(event) && verdicts.has(event) : verdicts.get(event)?.has(outcome) === true)
      ? []
      : [`${event} was told ${outcome}`],
  )
}

/** Facts of sources whose role owns no such event, or that the day made up to be refused. */
function breaches({ ends, said }: Judged): readonly string[] {
  const foreign = new Set(said.filter(({ outcome }) => outcome === 'not_owner').map(({ event }) => eventKey(event)))
  return [...ends].flatMap(([order, { verdicts }]) =>
    verdicts
      .filter(isFact)
      .filter(({ event, source, type }) => foreign.has(event) || !mayOwn(source, type))
      .map(({ source, type }) => `${source} moved ${order} by ${type}`),
  )
}

function waiting({ ends }: Judged): readonly string[] {
  const late = [...ends].filter(([, { parked }]) => parked > 0)
  return late.map(([order, { parked }]) => `${parked} events of ${order} wait`)
}

function unlike({ clean, ends }: Judged): readonly string[] {
  const orders = new Set([...clean.keys(), ...ends.keys()])
  return [...orders].flatMap(order => {
    const [wanted, found] = [clean.get(order)?.text, ends.get(order)?.text]
    return wanted === found ? [] : [`${order} is ${difference(found ?? 'nowhere', wanted ?? 'nowhere')}`]
  })
}

const AROUND = 60

/** Where two texts part, with what stands there. */
function difference(found: string, wanted: string): string {
  let at = 0
  while (at < found.length && found[at] === wanted[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - AROUND), at + AROUND)
  return `…${around(found)}… instead of …${around(wanted)}…`
}

function keysOf(ends: Ends, isWanted: (verdict: OrderEnd['verdicts'][number]) => boolean): ReadonlySet<string> {
  return new Set([...ends.values()].flatMap(({ verdicts }) => verdicts.filter(isWanted).map(({ event }) => event)))
}

function repeated(keys: readonly string[]): readonly string[] {
  const known = new Set<string>()
  const again = new Set<string>()
  for (const key of keys) (known.has(key) ? again : known).add(key)
  return [...again]
}
