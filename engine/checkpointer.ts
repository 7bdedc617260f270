// Checkpointer: saves what is derived beside the turns, when the journal has grown enough to be worth it.
import { type Checkpoints, sectionsOf } from './checkpoint.ts'
import type { Companions } from './companions.ts'
import type { Derived } from './derived.ts'
import type { Journal } from './journal/journal.ts'

// 64 MB of journal are read in about a second; beyond that a checkpoint never costs more than the journal since the last did.
const EVERY_BYTES = 64 * 1024 * 1024

export interface CheckpointerOptions {
  readonly journal: Journal
  readonly derived: Derived
  readonly companions: Companions
  readonly checkpoints: Checkpoints | undefined
  readonly settings: string
  /** Size of the last checkpoint; 0 without one. */
  readonly lastBytes: number
  readonly onTrouble: (trouble: string) => void
}

export class Checkpointer {
  private readonly options: CheckpointerOptions
  private lastBytes: number
  private journalBytes: number
  private saving: Promise<void> | undefined

  constructor(options: CheckpointerOptions) {
    this.options = options
    this.lastBytes = options.lastBytes
    this.journalBytes = options.journal.head().bytes
  }

  /** Called between turns, with everything up to `position` folded. */
  consider(position: number): void {
    const grown = this.options.journal.head().bytes - this.journalBytes
    if (grown > Math.max(EVERY_BYTES, this.lastBytes) && this.saving === undefined) void this.save(position)
  }

  /** A failure costs the next opening time and nothing else. */
  async save(position: number): Promise<void> {
    await this.saving
    this.saving = this.write(position)
    await this.saving
    this.saving = undefined
  }

  private async write(position: number): Promise<void> {
    const { checkpoints, companions, derived, journal, onTrouble, settings } = this.options
    if (checkpoints === undefined) return
    this.journalBytes = journal.head().bytes
    try {
      const { epoch, storeId } = journal
      const sections = { ...sectionsOf(derived, settings), ...companions.sections() }
      this.lastBytes = await checkpoints.write({ storeId, epoch, position, sections })
    } catch (error) {
      onTrouble(`no checkpoint was written: ${String(error)}`)
    }
  }
}
