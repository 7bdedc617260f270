// OrderDesk: the exceptions of all orders beside the face, and what cards and exceptions of one order are computed from.
// Owns: the watch and its seconds.   Does not own: what is wrong (engine/exceptions), the twin.
import { parsePosition } from '../../engine/answers.ts'
import type { HeardSource } from '../../engine/card/freshness.ts'
import type { Policies } from '../../engine/deadlines/policies.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import type { Belief } from '../../engine/exceptions/as-of.ts'
import { type FactsWithLedger, factsOf } from '../../engine/exceptions/facts.ts'
import type { Handling } from '../../engine/exceptions/handling.ts'
import { ledgerOf } from '../../engine/exceptions/ledger.ts'
import { Marks } from '../../engine/exceptions/marks.ts'
import { Watch } from '../../engine/exceptions/watch.ts'
import type { Family } from '../../engine/family.ts'
import type { Twin } from '../../engine/twin.ts'
import type { Source } from '../../machines/sources.ts'
import type { FamilyRef } from '../views/history.ts'

// 100 ms: deadlines are whole seconds, and what is due is seen well within the next one (X4).
const TICK_MS = 100

export class OrderDesk {
  readonly policies: Policies
  readonly watch: Watch
  private readonly twin: Twin
  private readonly timer: NodeJS.Timeout
  /** Families as they were believed to be, with what was known beside them. */
  private readonly beliefs = new WeakMap<FamilyRef, Belief>()

  constructor(twin: Twin, policies: Policies, report: (error: unknown) => void) {
    this.twin = twin
    this.policies = policies
    this.watch = new Watch({ twin, policies, clock: twin.clock, onTrouble: report })
    this.watch.run().catch(report)
    this.timer = setInterval(() => void this.watch.tick().catch(report), TICK_MS)
    this.timer.unref()
  }

  close(): void {
    clearInterval(this.timer)
    this.watch.close()
  }

  /** What everything is computed with: the clock of now, or of the belief that `family` is. */
  nowMs(family?: Family): number {
    return (family && this.beliefs.get(family)?.nowMs) ?? this.twin.clock.nowMs
  }

  remember(belief: Belief): void {
    this.beliefs.set(belief.family, belief)
  }

  /** `read`: all its entries. */
  async facts(family: Family, read: () => Promise<readonly JournalEntry[]>): Promise<FactsWithLedger> {
    const belief = this.beliefs.get(family)
    if (belief !== undefined) return factsOf(family, belief.ledger)
    const entries = await read()
    // More may have been said since the family was read.
    const isMore = (entries.at(-1)?.position ?? 0) > family.head
    return factsOf(family, ledgerOf(isMore ? entries.filter(({ position }) => position <= family.head) : entries))
  }

  /** What was known of the belief that `family` is, oldest first; undefined where it is none. */
  entriesThen(family: FamilyRef): readonly JournalEntry[] | undefined {
    return this.beliefs.get(family)?.entries
  }

  entries(family: string): Promise<readonly JournalEntry[]> {
    return this.twin.entries(family, { after: 0, first: Number.MAX_SAFE_INTEGER })
  }

  /** Resolves when everything durable at the call has been looked at, and what is due by now. */
  async upToDate(): Promise<void> {
    await this.watch.upTo(parsePosition(this.twin.head().position) ?? 0)
    await this.watch.tick()
  }

  /** Whether a family is one that was believed to be. */
  isBelief(family: Family): boolean {
    return this.beliefs.has(family)
  }

  /** What people did about an exception, as of now. */
  async handling(family: string, key: string): Promise<Handling | undefined> {
    return Marks.of(await this.entries(family)).handlings.of(key)
  }

  /** Connected systems. */
  sources(): readonly Source[] {
    return this.twin.sources().map(({ source }) => source)
  }

  /** As of now, or of the belief that `family` is. When a source that has spoken since was heard last by then is not kept. */
  heard(family?: Family): readonly HeardSource[] {
    const untilMs = (family && this.beliefs.get(family)?.nowMs) ?? Number.POSITIVE_INFINITY
    return this.twin
      .sources()
      .map(({ lastEventMs, lastRecordedMs = 0, source }) =>
        lastRecordedMs > untilMs ? { source } : { source, lastEventMs },
      )
  }
}
