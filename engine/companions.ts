// Companions: what stands beside the engine, folds every entry once it is durable, and is kept in its checkpoint.
// Owns: who folds, and what the checkpoint held of those who have not come yet.   Does not own: what any of them knows.
//   N1  A companion hears each entry once, in order, after it has been applied and before anybody is answered.
//   N2  What a companion throws stops nothing: it is told as trouble and hears no more.
//   N3  They are told when the twin has nothing left to do, behind the answers.
import { named, type Sections } from './checkpoint.ts'
import type { JournalEntry } from './entry.ts'

export interface Companion {
  /** Names its sections in the checkpoint; no dots. */
  readonly name: string
  /**
   * Entries just applied; `head` is the journal's position as followers see it, `rows` are those of the entries' families.
   * Short: a turn waits for it.
   */
  fold(entries: readonly JournalEntry[], head: number, rows: readonly number[]): void
  /** The twin has nothing to do for now: time for what no turn should wait for. Short too. */
  idle?(): void
  /** What it knows, with the position up to which it has folded; undefined while that is nothing worth keeping. */
  saved(): Sections | undefined
}

/** What a companion begins with. */
export interface Attached {
  /** The journal's position as followers see it: entries behind it will be folded. */
  readonly head: number
  /** What the checkpoint held of it; undefined where it held nothing. */
  readonly sections: Readonly<Record<string, Uint8Array>> | undefined
  /** It has taken up what it was given, or cannot: until then a checkpoint keeps the sections, and memory holds them. */
  tookUp(): void
  /** It hears nothing from then on. */
  leave(): void
}

export type SavedSections = Readonly<Record<string, Uint8Array>>

export class Companions {
  private readonly companions = new Map<string, Companion>()
  private readonly saved: Map<string, SavedSections>
  private readonly onTrouble: (trouble: string) => void

  constructor(sections: SavedSections, onTrouble: (trouble: string) => void) {
    this.saved = byCompanion(sections)
    this.onTrouble = onTrouble
  }

  attach(companion: Companion, head: number): Attached {
    this.companions.set(companion.name, companion)
    const leave = () => {
      // Another may have come under its name since.
      if (this.companions.get(companion.name) === companion) this.companions.delete(companion.name)
    }
    const { name } = companion
    return { head, sections: this.saved.get(name), tookUp: () => void this.saved.delete(name), leave }
  }

  fold(entries: readonly JournalEntry[], head: number, rows: readonly number[]): void {
    this.each(companion => companion.fold(entries, head, rows))
  }

  idle(): void {
    this.each(companion => companion.idle?.())
  }

  private each(tell: (companion: Companion) => void): void {
    for (const companion of this.companions.values())
      try {
        tell(companion)
      } catch (fault) {
        this.companions.delete(companion.name)
        this.onTrouble(`${companion.name} hears no more entries: ${(fault as Error).message}`)
      }
  }

  /** Sections of all of them; of who never came, or is still taking them up, as they were read. */
  sections(): Sections {
    const own: Record<string, Sections> = {}
    for (const companion of this.companions.values()) {
      const saved = companion.saved()
      if (saved === undefined) continue
      own[companion.name] = saved
    }
    const all = { ...Object.fromEntries(this.saved), ...own }
    return Object.assign({}, ...Object.entries(all).map(([name, sections]) => named(`${PREFIX}${name}.`, sections)))
  }
}

const PREFIX = 'beside.'

function byCompanion(sections: SavedSections): Map<string, SavedSections> {
  const found = new Map<string, Record<string, Uint8Array>>()
  for (const [title, bytes] of Object.entries(sections)) {
    if (!title.startsWith(PREFIX)) continue
    const [companion = '', ...name] = title.slice(PREFIX.length).split('.')
    const own = found.get(companion) ?? {}
    found.set(companion, own)
    own[name.join('.')] = bytes
  }
  return found
}
