// Backlogs: what one reader has not been told yet, bounded.
//   B1  A history's backlog keeps every entry in order.
//   B2  An order's keeps the latest entry of each order and how many it stands for; orders in the order they changed first.
//   B3  The cursor given with a payload is before everything not told yet: resuming there misses nothing.
import type { JournalEntry } from '../../engine/entry.ts'
import { orderChange } from '../../engine/projections/order-board.ts'
import type { FeedItem } from '../../engine/twin.ts'
import type { Untold } from './channels.ts'
import { touchedBy } from './touched.ts'

export interface Backlog<Some extends Untold> {
  /** False when it is full: the item was not taken. */
  put(item: FeedItem): boolean
  take(): Some | undefined
}

export interface UntoldEntry extends Untold {
  readonly what: JournalEntry
}

type Wanted = (entry: JournalEntry) => boolean

export class EntryBacklog implements Backlog<UntoldEntry> {
  private items: FeedItem[] = []
  private taken = 0
  private readonly isWanted: Wanted
  private readonly most: number

  constructor(isWanted: Wanted, most: number) {
    this.isWanted = isWanted
    this.most = most
  }

  put(item: FeedItem): boolean {
    if (!this.isWanted(item.entry)) return true
    if (this.items.length - this.taken >= this.most) return false
    this.items.push(item)
    return true
  }

  take(): UntoldEntry | undefined {
    const item = this.items[this.taken++]
    // Taken items are let go of in one go, so that taking stays cheap.
    if (item === undefined || this.taken === this.items.length) {
      this.items = []
      this.taken = 0
    }
    return item === undefined ? undefined : { what: item.entry, entries: 1, cursor: item.cursor }
  }
}

export interface UntoldChange extends Untold {
  /** The latest of its entries. */
  readonly what: JournalEntry
  readonly family: string
  readonly first: JournalEntry
  /** What they may have changed of the order (touched.ts). */
  readonly touched: number
  /** The order's state before them; undefined where they left it alone, or it was not there. */
  readonly was: string | undefined
}

interface Waiting {
  readonly first: JournalEntry
  readonly before: string
  touched: number
  was: string | undefined
  latest: FeedItem
  entries: number
}

export class OrderBacklog implements Backlog<UntoldChange> {
  private readonly waiting = new Map<string, Waiting>()
  private readonly most: number
  private at: string

  /** `start` is a cursor before everything that will be put. */
  constructor(start: string, most: number) {
    this.at = start
    this.most = most
  }

  put(item: FeedItem): boolean {
    const { entry } = item
    if (isSeen(entry)) {
      let known = this.waiting.get(entry.family)
      if (known === undefined) {
        if (this.waiting.size >= this.most) return false
        known = { first: entry, before: this.at, touched: 0, was: undefined, latest: item, entries: 0 }
        this.waiting.set(entry.family, known)
      }
      known.touched |= touchedBy(entry)
      known.was ??= orderChange(entry)?.was
      known.latest = item
      known.entries++
    }
    this.at = item.cursor
    return true
  }

  take(): UntoldChange | undefined {
    const first = this.waiting.entries().next().value
    if (first === undefined) return undefined
    const [family, { before: _, latest, ...known }] = first
    this.waiting.delete(family)
    const next = this.waiting.values().next().value
    return { ...known, what: latest.entry, family, cursor: next?.before ?? this.at }
  }
}

/** Whether anything that can be seen of the order, its shipments or returns is different after the entry. */
export const isSeen = ({ changes, frees, parks, removes }: JournalEntry): boolean =>
  changes.length > 0 || frees.length > 0 || parks !== undefined || removes !== undefined
