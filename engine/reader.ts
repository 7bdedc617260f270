// Reader: answers questions from what is durable. Runs beside the turns; never sees a draft (E3).
import { parseSubject } from '../machines/event.ts'
import type { EntityKind } from '../machines/ids.ts'
import type { Source } from '../machines/sources.ts'
import { parsePosition, positionText } from './answers.ts'
import type { Base, Derived } from './derived.ts'
import type { JournalEntry } from './entry.ts'
import type { Family } from './family.ts'
import type { Feed } from './projections/feed.ts'
import type { BoardFacet, BoardFilter, BoardOrder, BoardPage, FacetCount } from './projections/order-board.ts'
import { holdersIn } from './references.ts'
import { wasKnownBy } from './retiring/retirement.ts'
import type { FeedItem, FollowOptions, Found, RetiredOrder, SourceStatus } from './twin.ts'

export interface ReaderOptions {
  readonly base: Base
  readonly derived: Derived
  readonly feed: Feed
  readonly sources: readonly Source[]
}

export class Reader {
  private readonly options: ReaderOptions

  constructor(options: ReaderOptions) {
    this.options = options
  }

  async family(id: string): Promise<Family | undefined> {
    const [family] = await this.options.base.families.read([id])
    return family === undefined || family.actors.isNobody ? undefined : family
  }

  /** As they are now, those without an order too; empty where there is none. */
  families(ids: readonly string[]): Promise<readonly Family[]> {
    return this.options.base.families.read(ids)
  }

  /** Families whose actors hold `ref` now; where none does, those that did when they were retired. */
  async find(ref: string): Promise<Found> {
    const { directory, families } = this.options.base
    const named = parseSubject(`ref/${ref}`)
    const { number, kind } =
      named?.kind === 'reference' ? { number: named.number, kind: named.reference } : { number: ref, kind: undefined }
    // Who learns the number while these are read is among those who hold it now. Holders are only ever added to.
    let known: readonly string[]
    let read: readonly Family[]
    do {
      known = directory.holders(number)
      read = await families.read([...new Set(known)])
    } while (directory.holders(number).length > known.length)
    const holders = []
    const orders: RetiredOrder[] = []
    for (const family of read) {
      const { id, retired } = family
      if (retired !== undefined && wasKnownBy(retired, number, kind && [kind])) orders.push({ id, ...retired })
      const actors = holdersIn(family, { number, kind }).map(holder => holder.actor)
      if (actors.length > 0) holders.push({ family, actors: [...new Set(actors)] })
    }
    if (holders.length > 0) return { kind: 'found', holders }
    return orders.length === 0 ? { kind: 'none' } : { kind: 'retired', orders }
  }

  entries(family: string, page: { after: number; first: number }): Promise<readonly JournalEntry[]> {
    return this.options.base.families.entriesOf(family, page)
  }

  orders(filter: BoardFilter, order: BoardOrder, page: { first: number; after?: string }): BoardPage {
    return this.options.derived.board.page(filter, order, page)
  }

  orderCounts(filter: BoardFilter, by: readonly BoardFacet[]): readonly FacetCount[] {
    return this.options.derived.board.counts(filter, by)
  }

  stateCounts(kind: EntityKind): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return this.options.derived.states.of(kind, this.options.base.steppers)
  }

  sources(): readonly SourceStatus[] {
    return this.options.sources.map(source => {
      const record = this.options.derived.sourceLog.of(source.id)
      const isHeard = record.lastRecordedMs > 0
      return {
        source,
        lastEventMs: isHeard ? record.lastEventMs : undefined,
        lastRecordedMs: isHeard ? record.lastRecordedMs : undefined,
        outcomes: record.outcomes,
        sequenceGaps: record.sequenceGaps,
        lastGap: record.lastGap,
      }
    })
  }

  /** Starts where the feed stands at the call, not at the first read. */
  follow({ after, filter, signal, untilHead }: FollowOptions): AsyncGenerator<FeedItem> {
    const { feed } = this.options
    const from = after === undefined ? feed.head : (parsePosition(after) ?? 0)
    return this.items(untilHead === true ? feed.past(from, signal) : feed.follow(from, signal), filter)
  }

  private async *items(
    entries: AsyncIterable<JournalEntry>,
    filter: FollowOptions['filter'],
  ): AsyncGenerator<FeedItem> {
    for await (const entry of entries)
      if (filter === undefined || filter(entry)) yield { cursor: positionText(entry.position), entry }
  }
}
