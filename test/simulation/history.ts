// History: the journal as the checkers have read it, entry by entry, and the families those entries make.
import { hash } from 'node:crypto'
import { applied, type JournalEntry, retirementIn } from '../../engine/entry.ts'
import { ERASURE_ENTRY, EVENT_ENTRY, packEntry, REMNANT_ENTRY, unpackEntry } from '../../engine/entry-codec.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import type { Journal } from '../../engine/journal/journal.ts'
import { type Remnant, unpackRemnant } from '../../engine/retiring/remnant.ts'
import { type Erasure, unpackErasure } from '../../engine/sealing/erasure.ts'
import type { Coverage } from './coverage.ts'
import { checkQuantities } from './quantities.ts'
import { must } from './violation.ts'

/** The same for the same entry, whether it was just made or read again. */
export const fingerprint = (entry: JournalEntry): string =>
  `${entry.position} ${entry.family} ${entry.previous} ${entry.verdict} ${hash('sha1', packEntry(entry), 'hex')}`

export class History {
  /** Entries of events, by position. */
  readonly entries = new Map<number, JournalEntry>()
  readonly families = new Map<string, Family>()
  readonly erasures: Erasure[] = []
  /** What is left of entries whose orders were retired, as read from the first position on. */
  remnants = new Map<number, Remnant>()
  readonly retirements: { readonly position: number; readonly family: string; readonly keys: readonly number[] }[] = []
  /** The last position read, settings counted. */
  position = 0
  private stampMs = 0
  private readonly coverage: Coverage
  private readonly isLegal: boolean

  constructor(coverage: Coverage, isLegal: boolean) {
    this.coverage = coverage
    this.isLegal = isLegal
  }

  /** Entries but for those of which little is left. */
  kept(): readonly JournalEntry[] {
    return [...this.entries.values()].filter(({ position }) => !this.remnants.has(position))
  }

  /** Everything by which keys went: whose values nobody can read any more. */
  keysGone(): ReadonlySet<number> {
    return new Set([...this.erasures, ...this.retirements].flatMap(({ keys }) => keys))
  }

  /** Reads what is new, and checks it against what it follows. It ends as soon as `isOver`: another reader has begun then. */
  async read(journal: Journal, onEntry: (entry: JournalEntry) => void, isOver = () => false): Promise<void> {
    for await (const frames of journal.scan(this.position))
      for (const frame of frames) {
        if (isOver()) return
        must(frame.position === this.position + 1, 'positions', () => `${frame.position} follows ${this.position}`)
        this.position = frame.position
        must(
          frame.recordedMs >= this.stampMs,
          'time',
          () => `position ${frame.position} was recorded before the one before`,
        )
        this.stampMs = frame.recordedMs
        if (frame.kind === ERASURE_ENTRY) this.erasures.push(unpackErasure(frame))
        if (frame.kind === REMNANT_ENTRY) this.remnants.set(frame.position, unpackRemnant(frame))
        if (frame.kind !== EVENT_ENTRY) continue
        const entry = unpackEntry(frame)
        this.append(entry)
        const retirement = retirementIn(entry)
        if (retirement === undefined) onEntry(entry)
        else this.retirements.push({ position: entry.position, family: entry.family, keys: retirement.keys })
      }
  }

  private append(entry: JournalEntry): void {
    const isAllWeHave = retirementIn(entry) !== undefined && this.remnants.has(entry.previous)
    const known = this.families.get(entry.family) ?? emptyFamily(entry.family)
    const family = isAllWeHave ? { ...known, head: entry.previous } : known
    const where = () => `position ${entry.position} (${entry.event.type} of ${entry.family})`
    must(
      entry.previous === family.head,
      'family chain',
      () => `${where()} follows ${entry.previous}, not ${family.head}`,
    )
    for (const { key, version, was } of entry.changes) {
      const actor = family.actors.get(key)
      must(
        version === (actor?.version ?? 0) + 1,
        'versions',
        () => `${where()} makes ${key} version ${version} after ${actor?.version ?? 0}`,
      )
      must(was === actor?.state, 'states', () => `${where()} says ${key} was ${was}; it was ${actor?.state}`)
    }
    for (const position of entry.frees)
      must(
        family.parked.some(each => each.position === position),
        'parked',
        () => `${where()} frees ${position}, which does not wait`,
      )
    const next = applied(family, entry)
    checkQuantities(next, this.isLegal)
    this.families.set(entry.family, next)
    this.entries.set(entry.position, entry)
    this.coverage.entry(entry)
  }
}
