// Checkpointer: saves what is derived beside the turns, so that opening has little of the journal to fold, whenever the process dies.
import { type Checkpoints, type Sections, sectionsOf } from './checkpoint.ts'
import type { Companions } from './companions.ts'
import type { Derived } from './derived.ts'
import type { Journal } from './journal/journal.ts'

// No more often than this: one of a million orders is a quarter of a gigabyte, and takes seconds beside the turns, most of which it waits
// for these. So one is under way for a third of the time at most, however fast the journal grows.
const REST_FACTOR = 2
// 10 minutes: a clock that is set while one is written says that it took hours.
const REST_MS_MAX = 600_000

export interface CheckpointerOptions {
  readonly journal: Pick<Journal, 'epoch' | 'head' | 'storeId'>
  readonly derived: Derived
  readonly companions: Companions
  readonly checkpoints: Checkpoints | undefined
  readonly settings: string
  readonly everyBytes: number
  /** Everything up to here is folded. */
  readonly position: () => number
  /** Position of the checkpoint that was opened; 0 without one. */
  readonly savedTo: number
  readonly clock: { readonly nowMs: number }
  readonly onTrouble: (trouble: string) => void
}

export class Checkpointer {
  private readonly options: CheckpointerOptions
  private journalBytes: number
  /** When the last one was written, and how long that took; of earlier runs nothing is known. */
  private readonly last = { endMs: 0, tookMs: 0 }
  private saving: Promise<void> | undefined

  constructor(options: CheckpointerOptions) {
    this.options = options
    const { bytes, position } = options.journal.head()
    // Entries are about as long as each other. Who dies twice in a row does not fold the same tail again.
    this.journalBytes = position === 0 ? 0 : bytes * (options.savedTo / position)
  }

  /** Called between turns. */
  consider(): void {
    const { clock, everyBytes, journal } = this.options
    if (this.saving !== undefined || journal.head().bytes - this.journalBytes <= everyBytes) return
    const restedMs = clock.nowMs - this.last.endMs
    // A clock that was set back says nothing.
    if (restedMs < 0 || restedMs >= Math.min(this.last.tookMs * REST_FACTOR, REST_MS_MAX)) void this.save()
  }

  /** A failure costs the next opening time and nothing else. */
  async save(): Promise<void> {
    await this.saving
    this.saving = this.write()
    await this.saving
    this.saving = undefined
  }

  private async write(): Promise<void> {
    const { checkpoints, clock, companions, derived, journal, onTrouble, settings } = this.options
    if (checkpoints === undefined) return
    this.journalBytes = journal.head().bytes
    const startMs = clock.nowMs
    let sections: Sections = {}
    try {
      const { epoch, storeId } = journal
      // As of the same moment: no turn comes in between.
      const position = this.options.position()
      sections = sectionsOf(derived, settings)
      sections = { ...sections, ...companions.sections() }
      await checkpoints.write({ storeId, epoch, position, sections })
    } catch (error) {
      onTrouble(`no checkpoint was written: ${String(error)}`)
      letGo(sections)
    }
    this.last.endMs = clock.nowMs
    this.last.tookMs = this.last.endMs - startMs
  }
}

/** Nobody will go through them: columns would copy all that changes until the next ones are made. */
function letGo(sections: Sections): void {
  for (const content of Object.values(sections))
    if (!(content instanceof Uint8Array)) content[Symbol.iterator]().return?.()
}
