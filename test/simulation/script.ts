// Script: what the systems of one run say, and in which order it leaves them. Made of a legal trace: several channels, two
// companies' ERPs, a warehouse, a 3PL, a TMS and carriers tell of orders that are split, backordered, picked short,
// cancelled, amended, returned, disputed. Then the swarm delays, repeats, leaves out and contradicts;
// and people do something about it.
import type { Random } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'
import { act, discard, link, retry } from '../helpers/acts.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { legalTrace } from '../helpers/legal-traces.ts'
import { delayed, shuffled } from '../helpers/orderings.ts'
import { type Swarm, streamOf } from './swarm.ts'

export interface Message {
  /** Its number in the whole script: what a shrunk run leaves out is told by it. */
  readonly number: number
  /** Anything: a contradiction may be no event at all. */
  readonly input: EventInput
}

export interface Script {
  /** In the order they are sent. */
  readonly messages: readonly Message[]
  /** What happened, by place, without what was left out; undefined where the end depends on the order of arrival. */
  readonly legal: readonly EventInput[] | undefined
  /** Whether nothing contradicts what happened. */
  readonly isLegal: boolean
}

const HOUR_MS = 3_600_000

export function scriptOf(seed: number, swarm: Swarm, keep?: ReadonlySet<number>): Script {
  const random = streamOf(seed, 'script')
  const orders = 1 + random.whole(5)
  const { events } = legalTrace({
    seed: random.whole(2 ** 31),
    orders,
    steps: 30 + orders * random.whole(25),
    clearings: swarm.has('clear'),
  })
  if (events.some(({ type }) => type === 'shipment.damage_cleared')) swarm.note('clear')
  const numbers = new Map(events.map((event, index) => [event, index]))
  let told = events
  if (swarm.has('omit')) told = told.filter(() => !swarm.strikes('omit'))
  let sent: EventInput[] = [...told]
  if (swarm.has('delay')) sent = delayed(sent, random.whole(72) * HOUR_MS, streamOf(seed, 'delays'))
  if (swarm.has('reorder')) sent = inPieces(sent, 2 + random.whole(40), streamOf(seed, 'orders'))
  if (swarm.has('delay') && sent.length > 0) swarm.note('delay')
  if (swarm.has('reorder') && sent.length > 0) swarm.note('reorder')
  const noise = streamOf(seed, 'noise')
  const messages: Message[] = []
  const more: Message[] = []
  const acts: Message[] = []
  const people = streamOf(seed, 'people')
  for (const input of sent) {
    const number = numbers.get(input) as number
    messages.push({ number, input })
    // Repeats and contradictions count from the event they belong to, so that leaving one out renumbers none.
    if (swarm.strikes('duplicate')) more.push({ number: number + 10_000, input })
    if (swarm.strikes('contradict')) more.push({ number: number + 20_000, input: contradiction(input, number, noise) })
    if (swarm.strikes('intervene')) acts.push({ number: number + 30_000, input: intervention(input, number, people) })
  }
  for (const each of more) messages.splice(noise.whole(messages.length + 1), 0, each)
  for (const each of acts) messages.splice(people.whole(messages.length + 1), 0, each)
  const isKept = (message: Message) => keep?.has(message.number) ?? true
  const kept = messages.filter(isKept)
  const isLegal = !swarm.has('contradict') && !acts.some(isKept)
  const isPlain = isLegal && !swarm.has('omit') && keep === undefined
  return { messages: kept, legal: isPlain ? events : undefined, isLegal }
}

/** Shuffled within pieces of that many. */
function inPieces(events: readonly EventInput[], size: number, random: Random): EventInput[] {
  const result: EventInput[] = []
  for (let from = 0; from < events.length; from += size)
    result.push(...shuffled(events.slice(from, from + size), random))
  return result
}

/** Something that cannot be true as well, or is not for its source to say, or says nothing. */
function contradiction(event: EventInput, number: number, random: Random): EventInput {
  const data = (event.data ?? {}) as Record<string, unknown>
  const own = { ...event, id: `x-${number}` }
  const pick = <Item>(items: readonly Item[]): Item => items[random.whole(items.length)] as Item
  const kinds: readonly (() => object)[] = [
    () => ({ ...event, data: { ...data, remark: 'said otherwise' } }),
    () => ({ ...event, time: new Date(Date.parse(event.time) + 60_000).toISOString() }),
    () => ({ ...event, subject: 'order/O-1' }),
    () => ({ ...own, source: pick(SOURCES).id }),
    () => ({ ...own, data: inflated(data) }),
    () => ({ ...own, subject: `order/X-${random.whole(9)}` }),
    () => ({ ...own, subject: `ref/UNKNOWN-${random.whole(4)}` }),
    () => ({ ...own, time: new Date(Date.parse(event.time) + HOUR_MS * random.whole(48)).toISOString() }),
    () => ({ ...own, expectedversion: random.whole(6) }),
    () => ({ ...own, sequence: random.whole(50) }),
    () => ({ ...own, type: pick(['order.closed', 'order.cancelled', 'order.rejected', 'shipment.lost']) }),
    () => ({ ...own, time: 'yesterday' }),
    () => ({ ...own, source: 'nobody' }),
    () => ({ ...own, data: { lines: 'many' } }),
  ]
  return pick(kinds)() as EventInput
}

/** Something that Ann does about an event, which may wait, stand refused, or be fine. */
function intervention(event: EventInput, number: number, random: Random): EventInput {
  const order = /^order\/(.*)/.exec(event.subject)?.[1] ?? 'O-1'
  const { id, source } = event
  const attributes = { id: `a-${number}`, time: event.time }
  const kinds: readonly (() => EventInput)[] = [
    () => act('exception.noted', order, { text: 'asked the partner' }, attributes),
    () => act('exception.assigned', order, { person: 'Ben' }, attributes),
    () => retry(order, { id, source }, attributes),
    () => discard(order, { id, source }, attributes),
    () => ({ ...link(`UNKNOWN-${random.whole(4)}`, order, 'order'), ...attributes }),
  ]
  return (kinds[random.whole(kinds.length)] as () => EventInput)()
}

/** More of everything. */
function inflated(data: Record<string, unknown>): object {
  const lines = Array.isArray(data.lines) ? (data.lines as Record<string, unknown>[]) : []
  return { ...data, lines: lines.map(line => ({ ...line, quantity: 10 * Number(line.quantity ?? 1) })) }
}
