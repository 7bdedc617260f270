// GraphContext: what every resolver of one operation is given. Families are read once per operation, so that all parts of
// an answer show the same state; a mutation forgets them after each of its fields, a subscription makes a new context for every payload.
import type { GraphQLFieldResolver } from 'graphql'
import type { JournalEntry } from '../engine/entry.ts'
import type { FactsWithLedger } from '../engine/exceptions/facts.ts'
import type { Family } from '../engine/family.ts'
import { JournalDamage } from '../engine/journal/journal.ts'
import type { Steppers } from '../engine/judge.ts'
import type { Sender, Twin } from '../engine/twin.ts'
import type { ExceptionChanges } from './desk/exception-changes.ts'
import type { OrderDesk } from './desk/order-desk.ts'
import type { GraphLimits, SocketLimits } from './graph-limits.ts'
import type { Channels } from './live/channels.ts'
import type { LiveFeed } from './live/live-feed.ts'
import type { Waker } from './live/waker.ts'
import { overLimit } from './operations/graph-errors.ts'
import type { Timelines } from './timelines.ts'

export interface Graph {
  readonly twin: Twin
  readonly steppers: Steppers
  readonly timelines: Timelines
  readonly live: LiveFeed
  readonly waker: Waker
  readonly channels: Channels
  readonly exceptionChanges: ExceptionChanges
  readonly desk: OrderDesk
  readonly limits: GraphLimits
  readonly socketLimits: SocketLimits
}

export class GraphContext {
  readonly graph: Graph
  readonly sender: Sender
  private readonly families = new Map<string, Promise<Family | undefined>>()
  private readonly histories = new Map<string, Promise<readonly JournalEntry[]>>()
  private readonly known = new Map<Family, Promise<FactsWithLedger>>()
  private items = 0

  constructor(graph: Graph, sender: Sender) {
    this.graph = graph
    this.sender = sender
  }

  get twin(): Twin {
    return this.graph.twin
  }

  family(id: string): Promise<Family | undefined> {
    const known = this.families.get(id)
    if (known !== undefined) return known
    const family = this.twin.family(id)
    this.families.set(id, family)
    return family
  }

  /**
   * The same of many, in the order asked; those that were not read yet are read together. Where one of them is damaged they are
   * read one by one, and what cannot be read is undefined: it hides no other.
   */
  manyFamilies(ids: readonly string[]): Promise<readonly (Family | undefined)[]> {
    const unread = ids.filter(id => !this.families.has(id))
    const read = unlessDamaged(this.twin.families(unread))
    const one = async (index: number, id: string) => {
      const families = await read
      return families === undefined ? this.twin.family(id) : withActors(families[index] as Family)
    }
    for (const [index, id] of unread.entries()) this.families.set(id, one(index, id))
    return Promise.all(ids.map(id => unlessDamaged(this.family(id))))
  }

  /** A family's entries, oldest first; read once an operation. */
  entries(id: string): Promise<readonly JournalEntry[]> {
    const known = this.histories.get(id)
    if (known !== undefined) return known
    const entries = this.graph.desk.entries(id)
    this.histories.set(id, entries)
    return entries
  }

  /** What the card and exceptions of `family` are computed from; put together once an operation. */
  facts(family: Family): Promise<FactsWithLedger> {
    const known = this.known.get(family)
    if (known !== undefined) return known
    const facts = this.graph.desk.facts(family, () => this.entries(family.id))
    this.known.set(family, facts)
    return facts
  }

  /** Nothing that was read is as it was any more, for all we know. */
  forget(): void {
    this.known.clear()
    this.families.clear()
    this.histories.clear()
  }

  /** `list`, counted against what one answer may hold. Throws when it is too much. */
  counted<Item>(list: readonly Item[]): readonly Item[] {
    this.items += list.length
    const most = this.graph.limits.itemsMax
    if (this.items > most) throw overLimit('RESULT_TOO_LARGE', 'items', { most, found: this.items })
    return list
  }
}

const withActors = (family: Family): Family | undefined => (family.actors.isNobody ? undefined : family)

/** What was read; undefined where the journal is damaged there. */
export async function unlessDamaged<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  try {
    return await reading
  } catch (damage) {
    if (damage instanceof JournalDamage) return undefined
    throw damage
  }
}

/** A resolver of `Parent` objects with arguments `Args`. */
export type Resolve<Parent, Args = Record<string, never>> = GraphQLFieldResolver<Parent, GraphContext, Args>

/** Lists that `Parent` has already, counted where they are asked for. */
export const countedLists = <Parent>(
  fields: Readonly<Record<string, (parent: Parent) => readonly unknown[] | undefined>>,
): Resolvers =>
  Object.fromEntries(
    Object.entries(fields).map(([name, read]) => [
      name,
      (parent: Parent, _: unknown, context: GraphContext) => {
        const list = read(parent)
        return list && context.counted(list)
      },
    ]),
  )

// biome-ignore lint/suspicious/noExplicitAny: a table of resolvers holds those of every parent and argument type
export type Resolvers = Readonly<Record<string, GraphQLFieldResolver<any, GraphContext, any>>>
