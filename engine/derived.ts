// Derived: everything the engine keeps in memory that follows from the journal, folded entry by entry, in order.
import type { Charts } from '../machines/charts.ts'
import { type Source, type SourceBook, sourceBook } from '../machines/sources.ts'
import type { DecideLimits } from './decide.ts'
import type { Directory } from './directory.ts'
import type { JournalEntry } from './entry.ts'
import { Families, type FamiliesOptions } from './families.ts'
import { type Steppers, steppersOf } from './judge.ts'
import { settlesId } from './projections/event-ids.ts'
import { OrderBoard } from './projections/order-board.ts'
import { SourceLog } from './projections/source-log.ts'
import { StateCounts } from './projections/state-counts.ts'
import { Quarantined } from './quarantine.ts'

/** What is folded: where things are, and the projections. */
export class Derived {
  readonly directory: Directory
  readonly board = new OrderBoard()
  readonly states = new StateCounts()
  readonly sourceLog = new SourceLog()

  constructor(directory: Directory) {
    this.directory = directory
  }

  /** Folds one durable entry. Each entry once, in order of position. */
  fold(entry: JournalEntry): void {
    const { board, directory, sourceLog, states } = this
    const row = directory.noteFamily(entry.family, entry.position)
    for (const number of entry.learned) directory.noteNumber(number, row)
    if (settlesId(entry)) directory.noteEvent(entry.event.source, entry.event.id, entry.position)
    board.fold(entry, row)
    states.fold(entry)
    sourceLog.fold(entry)
  }
}

/** What deciding stands on: the derived state, the families over it, and what is configured. */
export interface Base {
  readonly directory: Directory
  readonly sourceLog: SourceLog
  readonly families: Families
  readonly steppers: Steppers
  readonly sources: SourceBook
  readonly limits: DecideLimits
  readonly quarantined: Quarantined
}

export function baseOver(
  derived: Derived,
  options: Omit<FamiliesOptions, 'directory'> & {
    readonly charts: Charts
    readonly sources: readonly Source[]
    readonly limits: DecideLimits
  },
): Base {
  const { directory, sourceLog } = derived
  return {
    directory,
    sourceLog,
    families: new Families({ ...options, directory }),
    steppers: steppersOf(options.charts),
    sources: sourceBook(options.sources),
    limits: options.limits,
    quarantined: new Quarantined(options.onTrouble),
  }
}
