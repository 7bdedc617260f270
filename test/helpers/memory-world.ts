// A world in memory: what decide.ts reads, kept in Maps, and a submit() that commits what it decides at once.
// Each event is decided twice: with everything at hand, and by a world that loads one thing at a time (D1). Both must agree.
import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import {
  DECIDE_LIMITS,
  type DecideLimits,
  type Decision,
  decide,
  NotLoaded,
  resumed,
  type World,
} from '../../engine/decide.ts'
import { applied, type JournalEntry, retirementIn } from '../../engine/entry.ts'
import { emptyFamily, type Family, waitingFamilyId } from '../../engine/family.ts'
import { packFamily } from '../../engine/family-codec.ts'
import { type Steppers, steppersOf } from '../../engine/judge.ts'
import type { Stirred } from '../../engine/left-over.ts'
import { OUTCOMES, type OutcomeCode } from '../../engine/outcome.ts'
import type { Seals } from '../../engine/sealing/seals.ts'
import { CHARTS, type Charts } from '../../machines/charts.ts'
import { type EventInput, keptEvent, parseEvent } from '../../machines/event.ts'
import type { OrderContext } from '../../machines/order/context.ts'
import { COLUMNS, type Column, quantityOf } from '../../machines/quantities.ts'
import { type Source, type SourceBook, sourceBook } from '../../machines/sources.ts'

export interface MemoryWorldOptions {
  readonly sources: readonly Source[]
  readonly charts?: Charts
  /** Default: those of `charts`, shared by all worlds. */
  readonly steppers?: Steppers
  readonly limits?: Partial<DecideLimits>
  readonly nowMs?: number
  /** Decide once only: for long property runs. Default: decide twice and compare (D1). */
  readonly once?: boolean
  /** Takes events as entries keep them, sealed by these. Default: everything stays in clear. */
  readonly seals?: Seals
}

const CLEAR: Seals = {
  orderKey: () => 0,
  eventKey: () => 0,
  seal: (_owner, _key, value) => value,
  open: () => undefined,
}

/** What one event came to, as far as tests look at it. */
export interface Answer {
  readonly outcome: OutcomeCode
  /** Its own verdicts, one per family; empty where nothing was written. */
  readonly verdicts: readonly JournalEntry[]
  /** Everything written, what it woke included; by `preview` only what one unit takes. */
  readonly entries: readonly JournalEntry[]
  readonly code?: string
  readonly reason?: string
  readonly detail: JournalEntry['detail']
  readonly first?: OutcomeCode
  readonly now?: OutcomeCode
  /** What a person's act had judged again. */
  readonly led?: readonly JournalEntry[]
}

// Steppers learn: all worlds under the same charts share one set.
const sharedSteppers = new WeakMap<Charts, Steppers>()

function steppersFor(charts: Charts): Steppers {
  let steppers = sharedSteppers.get(charts)
  if (steppers === undefined) {
    steppers = steppersOf(charts)
    sharedSteppers.set(charts, steppers)
  }
  return steppers
}

// 2027-01-15: after every event a test makes up, so that none lies ahead of the clock.
const LATE_MS = Date.UTC(2027, 0, 15)

export class MemoryWorld implements World {
  nowMs: number
  /** It is never closed. */
  readonly openedAt = 0
  readonly sources: SourceBook
  readonly steppers: Steppers
  readonly limits: DecideLimits
  readonly seals: Seals
  readonly entries: JournalEntry[] = []
  readonly families = new Map<string, Family>()
  private readonly histories = new Map<string, JournalEntry[]>()
  private readonly numbers = new Map<string, Set<string>>()
  private readonly settled = new Map<string, JournalEntry>()
  private readonly isOnce: boolean

  constructor({
    charts = CHARTS,
    limits,
    nowMs = LATE_MS,
    once = false,
    seals = CLEAR,
    sources,
    steppers,
  }: MemoryWorldOptions) {
    this.nowMs = nowMs
    this.sources = sourceBook(sources)
    this.steppers = steppers ?? steppersFor(charts)
    this.limits = { ...DECIDE_LIMITS, ...limits }
    this.isOnce = once
    this.seals = seals
  }

  get nextPosition(): number {
    return this.entries.length + 1
  }

  family(id: string): Family {
    return this.families.get(id) ?? emptyFamily(id)
  }

  hasWaiting(number: string): boolean {
    return this.families.has(waitingFamilyId(number))
  }

  holders(number: string): readonly string[] {
    return [...(this.numbers.get(number) ?? [])]
  }

  history(id: string): readonly JournalEntry[] {
    return this.histories.get(id) ?? []
  }

  seen(source: string, id: string): JournalEntry | undefined {
    return this.settled.get(`${source}\0${id}`)
  }

  get wakeLinesLeft(): number {
    return this.limits.wakeLinesMax
  }

  parkedOf(source: string): number {
    let count = 0
    for (const family of this.families.values())
      for (const parked of family.parked) if (parked.event.source === source) count++
    return count
  }

  /** Decides `input`, forced where `override` says why, and commits what came of it. Throws what decide throws: Quarantine, or a broken promise. */
  submit(input: EventInput, override?: string): Answer {
    const [answer, left] = this.answerTo(input, override)
    this.commit(answer.entries)
    const entries = [...answer.entries]
    const rest = [...left]
    for (let stirred = rest.shift(); stirred !== undefined; stirred = rest.shift()) {
      const from = stirred
      const decision = this.decided(world => resumed(world, from))
      if (decision.kind !== 'entries') throw new Error('memory world: resuming gives entries')
      this.commit(decision.entries)
      entries.push(...decision.entries)
      rest.push(...decision.rest)
    }
    return { ...answer, entries }
  }

  /** The same answer; nothing is committed. */
  preview(input: EventInput, override?: string): Answer {
    return this.answerTo(input, override)[0]
  }

  private answerTo(input: EventInput, override?: string): readonly [Answer, rest: readonly Stirred[]] {
    const source = this.sources.byId.get(input.source)
    if (source === undefined) return [nothingWritten('unauthorized_source'), []]
    const parsed = this.seals === CLEAR ? parseEvent(input, source, this.nowMs) : keptEvent(input, source)
    if ('flaws' in parsed)
      return [{ ...nothingWritten('malformed'), reason: parsed.flaws.map(({ path }) => path).join(', ') }, []]
    const decision = this.decided(world => decide(world, parsed.event, input, source, override))
    if (decision.kind === 'duplicate') {
      const now = decision.since.at(-1)?.verdict
      return [{ ...nothingWritten('duplicate'), first: decision.first.verdict, now, led: decision.led }, []]
    }
    if (decision.kind === 'retired') return [{ ...nothingWritten('duplicate'), first: decision.first.verdict }, []]
    if (decision.kind === 'overloaded') return [{ ...nothingWritten('overloaded'), reason: decision.reason }, []]
    return [{ ...answerOf(decision.entries, decision.answers), led: decision.led ?? [] }, decision.rest]
  }

  private decided(decideIn: (world: World) => Decision): Decision {
    const decision = decideIn(this)
    if (this.isOnce) return decision
    deepStrictEqual(decideLoading(this, decideIn), decision, 'D1: decided otherwise after loading')
    if (decision.kind === 'entries')
      decision.families.forEach((family, id) => {
        strictEqual(
          bytesOf(decision.entries.filter(entry => entry.family === id).reduce(applied, this.family(id))),
          bytesOf(family),
          `E6: the entries do not make the family ${id} that was decided`,
        )
      })
    return decision
  }

  /** Makes `entries` part of the world. */
  commit(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.entries.push(entry)
      this.families.set(entry.family, applied(this.family(entry.family), entry))
      const history = this.histories.get(entry.family)
      // What was before a retirement is read by nobody any more.
      if (history === undefined || retirementIn(entry) !== undefined) this.histories.set(entry.family, [entry])
      else history.push(entry)
      for (const number of entry.learned) {
        const known = this.numbers.get(number)
        if (known === undefined) this.numbers.set(number, new Set([entry.family]))
        else known.add(entry.family)
      }
      // E7: the first journaled verdict settles an id, except version_conflict.
      const id = `${entry.event.source}\0${entry.event.id}`
      if (entry.verdict !== 'version_conflict' && !this.settled.has(id)) this.settled.set(id, entry)
    }
  }
}

const bytesOf = (family: Family): string => Buffer.from(packFamily(family)).toString('latin1')

/** Decides in a world that has nothing loaded and is given one thing each time it asks (D1). */
function decideLoading(world: MemoryWorld, decideIn: (world: World) => Decision): Decision {
  const loaded = new Set<string>()
  const need = <Result>(key: string, asked: NotLoaded['need'], read: () => Result): Result => {
    if (!loaded.has(key)) throw new NotLoaded(asked)
    return read()
  }
  const cold: World = {
    nowMs: world.nowMs,
    openedAt: world.openedAt,
    nextPosition: world.nextPosition,
    sources: world.sources,
    steppers: world.steppers,
    limits: world.limits,
    seals: world.seals,
    family: id => need(`family ${id}`, { family: id }, () => world.family(id)),
    hasWaiting: number => world.hasWaiting(number),
    holders: number => need(`number ${number}`, { number }, () => world.holders(number)),
    history: id => need(`history ${id}`, { history: id }, () => world.history(id)),
    seen: (sender, id) => need(`seen ${sender} ${id}`, { source: sender, id }, () => world.seen(sender, id)),
    parkedOf: sender => world.parkedOf(sender),
    wakeLinesLeft: world.wakeLinesLeft,
  }
  // 1,000: far more than any decision of a test asks for.
  for (let attempt = 0; attempt < 1_000; attempt++)
    try {
      return decideIn(cold)
    } catch (thrown) {
      if (!(thrown instanceof NotLoaded)) throw thrown
      loaded.add(keyOf(thrown))
    }
  throw new Error('memory world: deciding never settled')
}

function keyOf({ need }: NotLoaded): string {
  if ('family' in need) return `family ${need.family}`
  if ('history' in need) return `history ${need.history}`
  if ('keys' in need) return `keys ${need.keys}`
  return 'number' in need ? `number ${need.number}` : `seen ${need.source} ${need.id}`
}

const nothingWritten = (outcome: OutcomeCode): Answer => ({ outcome, verdicts: [], entries: [], detail: {} })

function answerOf(entries: readonly JournalEntry[], answers: number): Answer {
  const verdicts = entries.slice(0, answers)
  const rank = (entry: JournalEntry) => OUTCOMES.indexOf(entry.verdict)
  const foremost = verdicts.reduce((first, next) => (rank(next) < rank(first) ? next : first))
  const { detail, verdict } = foremost
  return { outcome: verdict, verdicts, entries, code: detail.code, reason: detail.reason, detail }
}

/** The actors' states of a family, by key. */
export const statesOf = (family: Family): Readonly<Record<string, string>> =>
  Object.fromEntries(family.actors.all.map(({ key, state }) => [key, state]))

export function orderOf(family: Family): OrderContext {
  const { order } = family.actors
  if (order === undefined) throw new Error(`${family.id} has no order`)
  return order.context as OrderContext
}

/** Quantities of one order line that are not zero, by column. */
export function quantitiesOf(family: Family, line = '1'): Readonly<Partial<Record<Column, number>>> {
  const order = orderOf(family)
  const index = order.lines.findIndex(each => each.line === line)
  return Object.fromEntries(
    COLUMNS.map(column => [column, quantityOf(order.quantities, index, column)]).filter(
      ([, quantity]) => quantity !== 0,
    ),
  )
}

export interface Scenario extends MemoryWorldOptions {
  readonly events: readonly EventInput[]
}

export interface Played {
  readonly world: MemoryWorld
  readonly answers: readonly Answer[]
  readonly outcomes: readonly OutcomeCode[]
}

/** Submits `events` in order to a fresh world. */
export function scenario({ events, ...options }: Scenario): Played {
  const world = new MemoryWorld(options)
  const answers = events.map(event => world.submit(event))
  return { world, answers, outcomes: answers.map(answer => answer.outcome) }
}
