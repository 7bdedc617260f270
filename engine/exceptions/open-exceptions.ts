// OpenExceptions: what is open in each family, by row. As an object of its own an exception takes a kilobyte, and what stands open in
// orders that ended stays until somebody settles it: a quarter of a million of a million orders. Families of which nothing more is
// expected keep of each what lists are made by, and the rest as text. To read that back takes some microseconds.
// Owns: the texts.   Does not own: which families rest (watch-state.ts).
import type { ActorKey, Place } from '../../machines/ids.ts'
import { CATALOGUE, type ExceptionClass, type ExceptionKind, type Severity, type Team } from './catalogue.ts'
import { isSameAction, keyOf, NO_LINES, type OrderException } from './condition.ts'
import type { Handling } from './handling.ts'

/** One that is open: what lists are filtered, grouped and sorted by can be asked of it; for all else there is `wholeOf`. */
export type OpenException = OrderException | RestingException

/** All of it. Of one that rests another object each time: two are told apart by family and key. */
export const wholeOf = (open: OpenException): OrderException => (open instanceof RestingException ? open.whole() : open)

/** As JSON has it. Members that are what the catalogue says, or that there are none of, are left out. */
type Rest = readonly [
  opensMs: number,
  /** A place in a list of its own has the end left out that `endIn` tells. */
  evidence: readonly (Place | readonly [start: string])[],
  unusual?: Partial<Pick<OrderException, 'action' | 'lines'>> & {
    readonly event?: OrderException['event'] | typeof NAMED
  },
]

/** The event is the one that `part` names. */
const NAMED = 1

type Named = NonNullable<OrderException['event']>

/** The event that names a part, SOURCE/ID: most that rest are of refused events, whose cause and evidence name them again. */
function namedIn(part: string): Named | undefined {
  const slash = part.indexOf('/')
  return slash < 0 ? undefined : { source: part.slice(0, slash), id: part.slice(slash + 1) }
}

const causeIn = (kind: ExceptionKind, named: Named | undefined): string | undefined =>
  named && `${kind}|${named.source}|${named.id}`

/** The end of an event's place (machines/ids.ts). */
const endIn = (named: Named | undefined): string | undefined => named && `!${named.source}!${named.id}`

/** One that rests, as a checkpoint has it: to make it whole first and read it again would hold the loop for seconds in all. */
export type SavedResting = readonly [
  family: string,
  kind: ExceptionKind,
  actor: ActorKey,
  part: string,
  dueMs: number,
  team: Team,
  severity: Severity,
  detail: string,
  rest: string,
  /** Null where kind and part tell it. */
  ownCause: string | null,
  handling: Handling | null,
]

const restingOf = (it: OrderException): SavedResting => [
  it.family,
  it.kind,
  it.actor,
  it.part,
  it.dueMs,
  it.team,
  it.severity,
  it.detail,
  JSON.stringify(restOf(it)),
  it.cause === causeIn(it.kind, namedIn(it.part)) ? null : it.cause,
  it.handling ?? null,
]

/** An exception in a family of which nothing more is expected. */
export class RestingException {
  readonly family: string
  readonly kind: ExceptionKind
  readonly actor: ActorKey
  readonly part: string
  readonly dueMs: number
  readonly team: Team
  readonly severity: Severity
  readonly handling: Handling | undefined
  private readonly ownCause: string | null
  private readonly detail: string
  private readonly rest: string

  constructor(saved: SavedResting, words: Words) {
    const [family, kind, actor, part, dueMs, team, severity, detail, rest, ownCause, handling] = saved
    this.family = family
    this.kind = words.shared(kind)
    this.actor = actor
    this.part = part
    this.dueMs = dueMs
    this.team = words.shared(team)
    this.severity = words.shared(severity)
    this.handling = handling ?? undefined
    this.ownCause = ownCause
    this.detail = words.shared(detail)
    this.rest = rest
  }

  saved(): SavedResting {
    const { actor, detail, dueMs, family, handling, kind, ownCause, part, rest, severity, team } = this
    return [family, kind, actor, part, dueMs, team, severity, detail, rest, ownCause, handling ?? null]
  }

  get key(): string {
    return keyOf(this)
  }

  get cause(): string {
    return this.ownCause ?? (causeIn(this.kind, namedIn(this.part)) as string)
  }

  get class(): ExceptionClass {
    return CATALOGUE[this.kind].class
  }

  whole(): OrderException {
    const [opensMs, evidence, unusual = {}] = JSON.parse(this.rest) as Rest
    const named = namedIn(this.part)
    const end = endIn(named)
    // Key by key, and in their order: one shape with those that were just opened (condition.ts).
    return {
      kind: this.kind,
      actor: this.actor,
      part: this.part,
      opensMs,
      detail: this.detail,
      evidence: evidence.map(place => (typeof place === 'string' ? place : ((place[0] + end) as Place))),
      lines: unusual.lines ?? NO_LINES,
      dueMs: this.dueMs,
      team: this.team,
      severity: this.severity,
      action: unusual.action ?? CATALOGUE[this.kind].action,
      cause: this.cause,
      event: unusual.event === NAMED ? named : unusual.event,
      handling: this.handling,
      key: this.key,
      family: this.family,
      class: this.class,
    }
  }
}

function restOf({ action, event, evidence, kind, lines, opensMs, part }: OrderException): Rest {
  const isUsual = isSameAction(action, CATALOGUE[kind].action)
  const named = namedIn(part)
  const end = endIn(named)
  const unusual = {
    action: isUsual ? undefined : action,
    event: event !== undefined && event.source === named?.source && event.id === named.id ? NAMED : event,
    lines: lines.length === 0 ? undefined : lines,
  } as const
  const shortened = evidence.map(place =>
    end !== undefined && place.endsWith(end) ? ([place.slice(0, -end.length)] as const) : place,
  )
  return [opensMs, shortened, unusual]
}

// 4,096 texts, some hundred bytes each: most is wrong in the same words in many orders. What is said in others beyond them is not shared.
const WORDS_MAX = 4_096

/** Texts that are the same are one. */
class Words {
  private readonly known = new Map<string, string>()

  shared<Text extends string>(text: Text): Text {
    const known = this.known.get(text)
    if (known === undefined && this.known.size < WORDS_MAX) this.known.set(text, text)
    return (known ?? text) as Text
  }
}

/** What is open in one family; all of it is kept one way. One that rests stands alone where it is the only one, as most are. */
type OpenInFamily = readonly OrderException[] | readonly RestingException[] | RestingException

/** What is open in one family, as a checkpoint has it. */
export type SavedOpen = readonly OrderException[] | readonly SavedResting[]

export class OpenExceptions {
  private readonly byRow = new Map<number, OpenInFamily>()
  private readonly words = new Words()

  /** Families that have something open. */
  get size(): number {
    return this.byRow.size
  }

  /** In no order. */
  rows(): Iterable<number> {
    return this.byRow.keys()
  }

  /** In no order. */
  all(): readonly OpenException[] {
    const all: OpenException[] = []
    for (const open of this.byRow.values())
      if (open instanceof RestingException) all.push(open)
      else for (const each of open) all.push(each)
    return all
  }

  /** Undefined where nothing is open. */
  get(row: number): readonly OrderException[] | undefined {
    const open = this.byRow.get(row)
    if (open === undefined || areWhole(open)) return open
    return open instanceof RestingException ? [open.whole()] : open.map(wholeOf)
  }

  set(row: number, open: readonly OrderException[]): void {
    if (open.length === 0) this.byRow.delete(row)
    else this.byRow.set(row, open)
  }

  /** Nothing more is expected of `row`, until it is set again. */
  rest(row: number): void {
    const open = this.byRow.get(row)
    if (open === undefined || !areWhole(open)) return
    this.keep(row, open.map(restingOf))
  }

  /** As a checkpoint has it; undefined where nothing is open. */
  saved(row: number): SavedOpen | undefined {
    const open = this.byRow.get(row)
    if (open === undefined || areWhole(open)) return open
    return open instanceof RestingException ? [open.saved()] : open.map(each => each.saved())
  }

  /** Takes on what `saved` gave. Most are of orders that ended; those of others are objects again with the first look. */
  load(row: number, saved: SavedOpen): void {
    this.keep(
      row,
      saved.map(each => ('kind' in each ? restingOf(each) : each)),
    )
  }

  private keep(row: number, saved: readonly SavedResting[]): void {
    const [first, ...others] = saved.map(each => new RestingException(each, this.words))
    this.byRow.set(row, others.length === 0 ? (first as RestingException) : [first as RestingException, ...others])
  }
}

const areWhole = (open: OpenInFamily): open is readonly OrderException[] =>
  !(open instanceof RestingException || open[0] instanceof RestingException)
