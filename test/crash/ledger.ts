// The client's ledger: what it sent and what it was told, kept outside the server, to hold against the journal afterwards.
//   K1  Every acknowledged event is in the journal exactly once, with the verdict that was told.
//   K2  Nothing is there twice; what was sent and never answered may be there or not.
//   K3  Nothing is there that was not sent.
import type { JournalEntry } from '../../engine/entry.ts'
import type { Outcome } from '../../engine/outcome.ts'
import { settlesId } from '../../engine/projections/event-ids.ts'
import type { EventInput } from '../../machines/event.ts'

export interface Acknowledged {
  readonly outcome: Outcome['outcome']
  readonly position: string | undefined
}

const keyOf = ({ id, source }: { id: string; source: string }): string => `${source} ${id}`

export class Ledger {
  private readonly sent = new Set<string>()
  private readonly told = new Map<string, Acknowledged>()

  get acknowledged(): number {
    return this.told.size
  }

  send(event: EventInput): void {
    this.sent.add(keyOf(event))
  }

  /**
   * The first answer that is not transient counts; what comes after it must be a duplicate. Of two sendings in one request the
   * first may have been put off until something was loaded, and the second overtook it: then the first is the duplicate, and
   * both tell the same position.
   */
  tell(event: EventInput, { outcome, position }: Outcome): void {
    const known = this.told.get(keyOf(event))
    const isOvertaken = known?.outcome === 'duplicate' && known.position === position
    if (known === undefined || isOvertaken) this.told.set(keyOf(event), { outcome, position })
    else if (outcome !== 'duplicate')
      throw new Error(`${keyOf(event)} was ${known.outcome} at ${known.position}, sent again it is ${outcome}`)
  }

  /** Takes each entry of the journal, oldest first; `flaws` then tells what it should not be. */
  check(positionText: (position: number) => string): { entry(entry: JournalEntry): void; flaws(): readonly string[] } {
    const settled = new Map<string, JournalEntry[]>()
    const flaws: string[] = []
    return {
      entry: entry => {
        const key = keyOf(entry.event)
        if (!this.sent.has(key)) flaws.push(`${key} was never sent`)
        if (!settlesId(entry)) return
        const known = settled.get(key)
        if (known === undefined) settled.set(key, [entry])
        else known.push(entry)
      },
      flaws: () => {
        for (const [key, entries] of settled)
          if (!isOneVerdict(entries)) flaws.push(`${key} is there ${entries.length} times`)
        for (const [key, { outcome, position }] of this.told) {
          const first = settled.get(key)?.[0]
          if (first === undefined) flaws.push(`${key} was ${outcome} and is not there`)
          else if (outcome !== 'duplicate' && !matches(settled.get(key) ?? [], position, positionText))
            flaws.push(`${key} was told position ${position}, it stands at ${first.position}`)
        }
        return flaws
      },
    }
  }
}

/** One event judged once: in one family, or in several at once, one entry after the other. */
function isOneVerdict(entries: readonly JournalEntry[]): boolean {
  const [first] = entries
  if (first === undefined || entries.length !== (first.spread ?? 1)) return false
  return entries.every((entry, index) => entry.position === first.position + index)
}

const matches = (
  entries: readonly JournalEntry[],
  position: string | undefined,
  positionText: (position: number) => string,
): boolean => entries.some(entry => positionText(entry.position) === position)
