// Batch: the world decisions of one turn see: what is durable, overlaid with this batch's own drafts (E3).
// Drafts are seen by `decide` alone; the engine applies them once their append has resolved, or drops them all.
import type { SourceBook } from '../machines/sources.ts'
import { type DecideLimits, type EntriesDecision, NotLoaded, Quarantine, type World } from './decide.ts'
import type { Base } from './derived.ts'
import type { JournalEntry } from './entry.ts'
import { type Family, isWaitingFamily, WAITING, waitingFamilyId } from './family.ts'
import type { Steppers } from './judge.ts'
import type { Loaded } from './loader.ts'
import { settlesId } from './projections/event-ids.ts'
import type { Remnant } from './retiring/remnant.ts'
import { BatchSeals } from './sealing/batch-seals.ts'
import type { Seals } from './sealing/seals.ts'

interface BatchStart {
  readonly nowMs: number
  readonly firstPosition: number
  readonly loaded: Loaded
  /** Everything is dropped in the end: no key is used up. */
  readonly isPreview: boolean
}

export class Batch implements World {
  readonly nowMs: number
  readonly entries: JournalEntry[] = []
  readonly families = new Map<string, Family>()
  readonly seals: Seals
  private readonly base: Base
  private readonly firstPosition: number
  /** What stood behind possible duplicates, read before deciding. */
  private readonly loaded: Loaded
  private readonly taught = new Map<string, string[]>()
  /** First answers of this batch, by the event's id; those of other sources that use the same id. */
  private readonly answered = new Map<string, JournalEntry>()
  private readonly answeredToo: JournalEntry[] = []
  private readonly parked = new Map<string, number>()
  private hasWaitingDrafts = false
  wakeLinesLeft: number

  constructor(base: Base, at: BatchStart) {
    this.base = base
    this.nowMs = at.nowMs
    this.firstPosition = at.firstPosition
    this.loaded = at.loaded
    this.seals = new BatchSeals(base, at.isPreview)
    this.wakeLinesLeft = base.limits.wakeLinesMax
  }

  get nextPosition(): number {
    return this.firstPosition + this.entries.length
  }
  get openedAt(): number {
    return this.base.openedAt
  }
  get sources(): SourceBook {
    return this.base.sources
  }
  get steppers(): Steppers {
    return this.base.steppers
  }
  get limits(): DecideLimits {
    return this.base.limits
  }

  family(id: string): Family {
    const { quarantined } = this.base
    const trouble = quarantined.size === 0 ? undefined : quarantined.reason(id)
    if (trouble !== undefined) throw new Quarantine(id, trouble)
    const family = this.families.get(id) ?? this.base.families.get(id)
    if (family === undefined) throw new NotLoaded({ family: id })
    return family
  }

  hasWaiting(number: string): boolean {
    if (this.base.directory.hasJoined(WAITING, number)) return true
    return this.hasWaitingDrafts && this.families.has(waitingFamilyId(number))
  }

  holders(number: string): readonly string[] {
    const known = this.loaded.holders.get(number) ?? this.base.directory.holders(number)
    const taught = this.taught.get(number)
    return taught === undefined ? known : [...new Set([...known, ...taught])]
  }

  history(id: string): readonly JournalEntry[] {
    const durable = this.base.families.history(id)
    if (durable === undefined) throw new NotLoaded({ history: id })
    const drafts = this.families.has(id) ? this.entries.filter(entry => entry.family === id) : []
    return drafts.length === 0 ? durable : [...durable, ...drafts]
  }

  seen(source: string, id: string): JournalEntry | Remnant | undefined {
    const draft = this.draftOf(source, id)
    if (draft !== undefined) return draft
    // Whatever is decided was loaded for: the directory has been asked.
    if (!this.loaded.ids.has(id)) return undefined
    for (const position of this.base.directory.seenAt(source, id)) {
      const entry = this.loaded.read.get(position)
      if (entry === undefined) throw new NotLoaded({ source, id })
      if (entry.event.source === source && entry.event.id === id) return entry
    }
    return undefined
  }

  parkedOf(source: string): number {
    return this.base.sourceLog.of(source).parked + (this.parked.get(source) ?? 0)
  }

  /** Takes one event's entries into the batch: later events of it see them. */
  add({ entries, families, wokenLines }: Pick<EntriesDecision, 'entries' | 'families' | 'wokenLines'>): void {
    this.wakeLinesLeft -= wokenLines
    for (const entry of entries) {
      this.entries.push(entry)
      for (const number of entry.learned) this.teach(number, entry.family)
      const { source } = entry.event
      if (entry.parks !== undefined) this.parked.set(source, (this.parked.get(source) ?? 0) + 1)
      if (settlesId(entry)) this.noteAnswer(source, entry)
    }
    families.forEach((family, id) => {
      this.families.set(id, family)
      this.hasWaitingDrafts ||= isWaitingFamily(id)
    })
  }

  private draftOf(source: string, id: string): JournalEntry | undefined {
    const first = this.answered.get(id)
    if (first === undefined || first.event.source === source) return first
    return this.answeredToo.find(({ event }) => event.id === id && event.source === source)
  }

  private noteAnswer(source: string, entry: JournalEntry): void {
    const { id } = entry.event
    if (!this.answered.has(id)) this.answered.set(id, entry)
    else if (this.draftOf(source, id) === undefined) this.answeredToo.push(entry)
  }

  private teach(number: string, family: string): void {
    const known = this.taught.get(number)
    if (known === undefined) this.taught.set(number, [family])
    else known.push(family)
  }
}
