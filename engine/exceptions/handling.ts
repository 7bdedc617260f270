// Handling: what people did about each exception of a family: whose it is, their notes, and what they tried. Folded from the
// family's entries, so that it is the same after any restart; it outlives the exception, and is there when it opens again.
import type { JournalEntry } from '../entry.ts'
import { isFact } from '../entry.ts'
import type { Team } from './catalogue.ts'

export interface Step {
  readonly kind: 'assigned' | 'noted' | 'retried' | 'discarded'
  /** The operator who did it, and the id of the act. */
  readonly by: string
  readonly act: string
  /** By the clock of who recorded it, epoch milliseconds. */
  readonly atMs: number
  readonly position: number
  /** Why, or the note. */
  readonly text: string | undefined
  readonly team: Team | undefined
  readonly person: string | undefined
}

export interface Handling {
  /** Oldest first. */
  readonly steps: readonly Step[]
  /** The last assignment; undefined where nobody was ever named. */
  readonly assigned: Step | undefined
}

const ACT = 'exception.'
const KINDS: Readonly<Record<string, Step['kind']>> = {
  'exception.assigned': 'assigned',
  'exception.noted': 'noted',
  'exception.retried': 'retried',
  'exception.discarded': 'discarded',
}

interface Act {
  readonly about: readonly { readonly family: string; readonly exception: string }[]
  readonly team?: Team
  readonly person?: string
  readonly text?: string
  readonly reason?: string
}

// 100 steps of one exception, 1,000 exceptions of one family: more than anybody reads; what is older stands in history.
const STEPS_MAX = 100
const KEYS_MAX = 1_000

const NOTHING: Handling = { steps: [], assigned: undefined }

export class Handlings {
  /** Made with the first act: most families never have one. */
  private byKey: Map<string, Handling> | undefined

  /** Folds one entry of the family; in order of position. */
  fold(entry: JournalEntry): void {
    // Asked of every entry, and true of few: to look for a text in a table costs more.
    if (!entry.event.type.startsWith(ACT)) return
    const kind = KINDS[entry.event.type]
    if (kind === undefined || !isFact(entry)) return
    const { about, person, reason, team, text } = entry.event.data as Act
    const { position, recordedMs: atMs } = entry
    const { id: act, source: by } = entry.event
    const step = { kind, by, act, atMs, position, text: text ?? reason, team, person }
    this.byKey ??= new Map()
    for (const { exception, family } of about) {
      if (family !== entry.family) continue
      const { assigned, steps } = this.byKey.get(exception) ?? NOTHING
      // Last again: the one that was left alone longest is let go of first.
      this.byKey.delete(exception)
      this.byKey.set(exception, {
        steps: [...steps.slice(1 - STEPS_MAX), step],
        assigned: kind === 'assigned' ? step : assigned,
      })
      const [oldest] = this.byKey.size > KEYS_MAX ? this.byKey.keys() : []
      if (oldest !== undefined) this.byKey.delete(oldest)
    }
  }

  /** Undefined where nobody did anything about it. */
  of(key: string): Handling | undefined {
    return this.byKey?.get(key)
  }

  get isEmpty(): boolean {
    return this.byKey === undefined
  }
}

/** Whose it is by assignment; undefined where it was never assigned, or to nobody any more. */
export function assigneeOf(handling: Handling | undefined): Step | undefined {
  const assigned = handling?.assigned
  return assigned?.team === undefined && assigned?.person === undefined ? undefined : assigned
}
