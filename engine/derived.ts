// Derived: everything the engine keeps in memory that follows from the journal, folded entry by entry, in order.
import type { Charts } from '../machines/charts.ts'
import { type Source, type SourceBook, sourceBook } from '../machines/sources.ts'
import type { DecideLimits } from './decide.ts'
import type { Directory } from './directory.ts'
import { type JournalEntry, retirementIn } from './entry.ts'
import { Families, type FamiliesOptions } from './families.ts'
import type { Retirement } from './family.ts'
import { type HashKey, hash64, hash64Of } from './hash.ts'
import type { EntryFrame } from './journal/journal.ts'
import { type Steppers, steppersOf } from './judge.ts'
import { settlesId } from './projections/event-ids.ts'
import { OrderBoard } from './projections/order-board.ts'
import { SourceLog } from './projections/source-log.ts'
import { StateCounts } from './projections/state-counts.ts'
import { Quarantined } from './quarantine.ts'
import type { Remnant } from './retiring/remnant.ts'
import type { Erasure } from './sealing/erasure.ts'
import type { Keyring } from './sealing/keyring.ts'

/** Hashes of the names an entry is found by, as they stand in its frame. */
export const namesOf = ({ event, family }: JournalEntry, key: HashKey): Pick<EntryFrame, 'family' | 'eventId'> => ({
  family: hash64(family, key),
  eventId: hash64Of(event.source, event.id, key),
})

/** What is folded: where things are, and the projections. */
export class Derived {
  readonly directory: Directory
  readonly board: OrderBoard
  readonly states = new StateCounts()
  readonly sourceLog = new SourceLog()
  /** The first key no entry names. */
  keysUsed = 0
  /** Families whose personal values are gone, by id. */
  readonly erasures = new Map<string, Erasure>()
  /** Keys that went with orders that were retired. */
  readonly retiredKeys = new Set<number>()

  constructor(directory: Directory) {
    this.directory = directory
    this.board = new OrderBoard(directory.ids)
  }

  /** Folds one durable entry; its family's row. Each entry once, in order of position. Its frame has the hashes of its names. */
  fold(entry: JournalEntry, frame: Pick<EntryFrame, 'family' | 'eventId'>): number {
    const retirement = retirementIn(entry)
    if (retirement !== undefined) return this.retire(entry, retirement, frame)
    const { board, directory, sourceLog, states } = this
    const row = directory.noteFamily(entry.family, entry.position, frame.family)
    for (const number of entry.learned) directory.noteNumber(number, row)
    if (settlesId(entry)) directory.noteEvent(frame.eventId, entry.position)
    board.fold(entry, row)
    states.fold(entry)
    sourceLog.fold(entry)
    if (entry.key !== undefined && entry.key >= this.keysUsed) this.keysUsed = entry.key + 1
    return row
  }

  /** Folds what is left of an entry: which event it was, and what its source sent. */
  foldRemnant(remnant: Remnant, { eventId }: Pick<EntryFrame, 'eventId'>): void {
    if (remnant.digest !== undefined) this.directory.noteEvent(eventId, remnant.position)
    this.sourceLog.foldRemnant(remnant)
  }

  /** Of a retired order nothing is known but where it is, and its numbers: it is on no board and in no count. */
  private retire(entry: JournalEntry, { keys }: Retirement, frame: Pick<EntryFrame, 'family'>): number {
    const row = this.directory.noteFamily(entry.family, entry.position, frame.family)
    for (const number of entry.learned) this.directory.noteNumber(number, row)
    for (const key of keys) {
      this.retiredKeys.add(key)
      if (key >= this.keysUsed) this.keysUsed = key + 1
    }
    return row
  }

  erase(erasure: Erasure): void {
    this.erasures.set(erasure.family, erasure)
  }
}

/** What deciding stands on: the derived state, the families over it, and what is configured. */
export interface Base {
  /** Position of the journal's last entry when it was opened. */
  readonly openedAt: number
  readonly directory: Directory
  readonly sourceLog: SourceLog
  readonly families: Families
  readonly steppers: Steppers
  readonly sources: SourceBook
  readonly limits: DecideLimits
  readonly quarantined: Quarantined
  readonly keyring: Keyring
  readonly erasures: ReadonlyMap<string, Erasure>
}

export function baseOver(
  derived: Derived,
  options: Omit<FamiliesOptions, 'directory'> & {
    readonly openedAt: number
    readonly charts: Charts
    readonly sources: readonly Source[]
    readonly limits: DecideLimits
    readonly clock: { readonly nowMs: number }
    readonly keyring: Keyring
  },
): Base {
  const { directory, sourceLog } = derived
  return {
    openedAt: options.openedAt,
    directory,
    sourceLog,
    families: new Families({ ...options, directory }),
    steppers: steppersOf(options.charts),
    sources: sourceBook(options.sources),
    limits: options.limits,
    quarantined: new Quarantined(options.clock, options.onTrouble),
    keyring: options.keyring,
    erasures: derived.erasures,
  }
}
