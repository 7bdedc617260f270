// Once: events sent one to five times, some of the copies altered, early and late, through deaths of the server. Each has effect
// once; the same copy is told what became of the first, an altered one that its id is taken, however long after.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyStore } from '../../cli/verify-store.ts'
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import { positionText } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { isTransient, type Outcome } from '../../engine/outcome.ts'
import { settlesId } from '../../engine/projections/event-ids.ts'
import type { EventInput } from '../../machines/event.ts'
import { linesOf, posted } from '../crash/stream.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { LIFE_EVENTS, orderLife } from '../helpers/order-life.ts'
import { configFile, type ServerProcess, serverProcess } from '../helpers/server-process.ts'

export interface OnceRun {
  /** An empty folder; the store in it stays when something is wrong. */
  readonly folder: string
  readonly seed: number
  /** Whole orders of eight events. */
  readonly events: number
  readonly kills: number
}

export interface OnceReport {
  readonly events: number
  /** Sendings that were answered, of which so many were altered. */
  readonly answered: number
  readonly altered: number
  readonly kills: number
}

const REQUEST_EVENTS = 500
// Orders are told of side by side, as in a distributor's day.
const OPEN_ORDERS = 500
const COPIES_MAX = 4
const ALTERED_SHARE = 0.1
// A copy comes within so many requests, or at the very end.
const DELAY_REQUESTS = 40
const LATE_SHARE = 0.05
// An event is sent three times on average: the last kill comes shortly before all are answered.
const LAST_KILL = 2.7

interface Sending {
  readonly number: number
  readonly event: EventInput
  readonly kind: 'first' | 'copy' | 'altered'
}

/** Throws at the first answer that should not be, and when the store is not as was told. */
export async function onceRun({ events, folder, kills, seed }: OnceRun): Promise<OnceReport> {
  const home = join(folder, `once-${seed}`)
  await mkdir(home, { recursive: true })
  const random = seededRandom(seed)
  const requests = new Requests(events / LIFE_EVENTS, random)
  const told = new Told(events)
  const config = await configFile(home, SOURCES)
  let server = await serverProcess(config)
  let killed = 0
  try {
    for (let next = requests.next(); next !== undefined; ) {
      const isToDie = killed < kills && told.answered > ((killed + random.unit()) / kills) * LAST_KILL * events
      const left = await sent(server, next, told, isToDie ? random.whole(next.length) : undefined)
      if (isToDie) {
        killed++
        server = await serverProcess(config)
      }
      next = left.length > 0 ? left : requests.next()
    }
  } finally {
    await server.stop()
  }
  await told.check(join(home, 'store'), `seed ${seed}`)
  await rm(home, { recursive: true })
  return { events, answered: told.answered, altered: told.altered, kills: killed }
}

/** What nobody answered. With `killAfter` the server dies once so many answers are there. */
async function sent(
  server: ServerProcess,
  sendings: readonly Sending[],
  told: Told,
  killAfter: number | undefined,
): Promise<readonly Sending[]> {
  let answered = 0
  let killed: Promise<void> | undefined
  try {
    const response = await posted(
      server.url,
      sendings.map(each => each.event),
    )
    const stream = linesOf(response)
    if (killAfter === 0) killed = server.kill()
    for await (const outcome of stream) {
      const sending = sendings[answered] as Sending
      if (isTransient(outcome.outcome)) throw new Error(`${sending.event.id}: ${JSON.stringify(outcome)}`)
      told.take(sending, outcome)
      if (++answered === killAfter) killed = server.kill()
    }
  } catch (error) {
    // The connection ends with the server. Anything else is a failure of the run.
    if (killed === undefined || !(error instanceof TypeError)) throw error
  }
  if (killAfter !== undefined) await (killed ?? server.kill())
  return sendings.slice(answered)
}

/** Requests in their order: what is said for the first time, and copies of what was said before. */
class Requests {
  private readonly firsts: Generator<Sending>
  private readonly random: Random
  /** Copies that are due with a request to come. */
  private readonly due = new Map<number, Sending[]>()
  private readonly late: Sending[] = []
  private request = 0

  constructor(orders: number, random: Random) {
    this.firsts = firstSendings(orders)
    this.random = random
  }

  next(): readonly Sending[] | undefined {
    const request = this.request++
    // Room is left for the copies: an event is sent three times on average.
    const sendings = this.due.get(request) ?? []
    this.due.delete(request)
    for (let count = 0; count < REQUEST_EVENTS / 3; count++) {
      const first = this.firsts.next().value as Sending | undefined
      if (first === undefined) break
      sendings.push(first)
      this.copy(first, request)
    }
    if (sendings.length > 0) return sendings
    if (this.due.size > 0) return this.next()
    const late = this.late.splice(0, REQUEST_EVENTS)
    return late.length > 0 ? late : undefined
  }

  private copy(first: Sending, request: number): void {
    const { random } = this
    for (let left = random.whole(COPIES_MAX + 1); left > 0; left--) {
      const copy: Sending = random.chance(ALTERED_SHARE)
        ? { ...first, event: altered(first.event, random), kind: 'altered' }
        : { ...first, kind: 'copy' }
      if (random.chance(LATE_SHARE)) this.late.push(copy)
      else this.dueAt(request + 1 + random.whole(DELAY_REQUESTS)).push(copy)
    }
  }

  private dueAt(request: number): Sending[] {
    const known = this.due.get(request) ?? []
    this.due.set(request, known)
    return known
  }
}

function* firstSendings(orders: number): Generator<Sending> {
  for (let from = 1; from <= orders; from += OPEN_ORDERS) {
    const lives = Array.from({ length: Math.min(OPEN_ORDERS, orders - from + 1) }, (_, index) =>
      orderLife(from + index),
    )
    for (let step = 0; step < LIFE_EVENTS; step++)
      for (const [index, life] of lives.entries())
        yield { number: (from + index - 1) * LIFE_EVENTS + step, event: life[step] as EventInput, kind: 'first' }
  }
}

/** Another time, another subject, or other data: other content under the same id. */
function altered(event: EventInput, random: Random): EventInput {
  const kinds: readonly (() => EventInput)[] = [
    () => ({ ...event, time: event.time.replace(':00Z', ':01Z').replace(':00.000Z', ':01.000Z') }),
    () => ({ ...event, subject: `${event.subject}0` }),
    () => ({ ...event, data: { ...(event.data as object), reason: 'another' } }),
  ]
  return (kinds[random.whole(kinds.length)] as () => EventInput)()
}

/** What was told of each event, by its number. */
class Told {
  answered = 0
  altered = 0
  private readonly events: number
  private readonly positions: (string | undefined)[]

  constructor(events: number) {
    this.events = events
    this.positions = new Array<string | undefined>(events)
  }

  take({ event, kind, number }: Sending, outcome: Outcome): void {
    this.answered++
    if (kind === 'altered') this.altered++
    const wrong = this.flaw(kind, number, outcome)
    if (wrong !== undefined) throw new Error(`${event.id}, ${kind}: ${wrong}: ${JSON.stringify(outcome)}`)
  }

  private flaw(kind: Sending['kind'], number: number, { outcome, position }: Outcome): string | undefined {
    const known = this.positions[number]
    if (kind === 'altered') return outcome === 'id_reused' ? undefined : 'its id was taken'
    const isExpected = outcome === (known === undefined && kind === 'first' ? 'accepted' : 'duplicate')
    // A first one that nobody answered may have been taken.
    if (!isExpected && !(kind === 'first' && known === undefined && outcome === 'duplicate')) return 'not its answer'
    if (position === undefined || (known !== undefined && known !== position)) return `not at ${known}`
    this.positions[number] = position
    return undefined
  }

  async check(data: string, where: string): Promise<void> {
    const times = new Uint8Array(this.events)
    const flaws: string[] = []
    const onEntry = (entry: JournalEntry) => {
      if (!settlesId(entry)) return
      const number = numberOf(entry.event.id)
      times[number] = (times[number] as number) + 1
      if (positionText(entry.position) !== this.positions[number])
        flaws.push(`${entry.event.id} is at ${entry.position}`)
    }
    const verdict = await verifyStore(data, { onEntry })
    if ('problem' in verdict) flaws.push(verdict.problem)
    times.forEach((count, number) => void (count !== 1 && flaws.push(`event ${number} is there ${count} times`)))
    if (flaws.length > 0) throw new Error(`${where}: ${flaws.length} flaws: ${flaws.slice(0, 5).join('; ')}`)
  }
}

function numberOf(id: string): number {
  const [order, step] = id.split('-').map(Number)
  return ((order as number) - 1) * LIFE_EVENTS + (step as number)
}
