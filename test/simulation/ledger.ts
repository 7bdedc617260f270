// Ledger: what was sent, and what the twin said came of it. What was acknowledged must stand in the journal for ever.
import { isDeepStrictEqual } from 'node:util'
import { parsePosition } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { isTransient, type Outcome, type OutcomeCode, VERDICTS } from '../../engine/outcome.ts'
import { settlesId } from '../../engine/projections/event-ids.ts'
import type { EventInput } from '../../machines/event.ts'
import type { Vault } from './vault.ts'
import { must } from './violation.ts'

interface Acknowledged {
  readonly input: EventInput
  readonly outcome: Outcome
}

const VERDICT_CODES: ReadonlySet<OutcomeCode> = new Set(VERDICTS)
const nameOf = ({ id, source }: Pick<EventInput, 'id' | 'source'>): string => `${source} ${id}`

export class Ledger {
  readonly outcomes = new Map<OutcomeCode, number>()
  private readonly sent = new Map<string, EventInput[]>()
  private readonly acknowledged = new Map<number, Acknowledged>()
  /** Positions that settled an id, by its name. */
  private readonly settled = new Map<string, JournalEntry[]>()
  /** Answers that must find an entry when the journal is next looked at. */
  private open: Acknowledged[] = []
  private readonly vault: Vault
  /** Keys of what nobody can compare any more. */
  readonly gone = new Set<number>()

  constructor(vault: Vault) {
    this.vault = vault
  }

  send(input: EventInput): void {
    const known = this.sent.get(nameOf(input))
    if (known === undefined) this.sent.set(nameOf(input), [input])
    else if (!known.some(each => isDeepStrictEqual(each, input))) known.push(input)
  }

  /** Whether the answer settles the message: it need not be sent again. */
  tell(input: EventInput, outcome: Outcome): boolean {
    this.outcomes.set(outcome.outcome, (this.outcomes.get(outcome.outcome) ?? 0) + 1)
    must(outcome.id === input.id, 'answer', () => `${nameOf(input)} was answered as ${outcome.id}`)
    this.open.push({ input, outcome })
    return !isTransient(outcome.outcome)
  }

  /** Takes the entry that now stands at its position. */
  take(entry: JournalEntry): void {
    const name = nameOf(entry.event)
    const known = this.sent.get(name) ?? []
    must(
      known.some(each => this.vault.keeps(entry, each)),
      'nothing invented',
      () => `position ${entry.position} holds ${name}, which was never sent like that`,
    )
    if (!settlesId(entry)) return
    const settled = this.settled.get(name)
    if (settled === undefined) this.settled.set(name, [entry])
    else settled.push(entry)
  }

  /** Holds every answer against the journal as it stands; `at` gives its entries. Call it with all entries taken. */
  check(at: (position: number) => JournalEntry | undefined): void {
    for (const { input, outcome } of this.open) this.checkAnswer(input, outcome, at)
    this.open = []
    for (const [name, entries] of this.settled) {
      const [first] = entries
      const isOne =
        entries.length === (first?.spread ?? 1) &&
        entries.every((entry, index) => entry.position === (first?.position ?? 0) + index)
      must(isOne, 'exactly once', () => `${name} was judged at ${entries.map(each => each.position).join()}`)
    }
  }

  /** After a death: the journal is shorter perhaps, but holds all that was acknowledged. */
  recheck(at: (position: number) => JournalEntry | undefined): void {
    for (const { input, outcome } of this.acknowledged.values()) this.checkAnswer(input, outcome, at)
  }

  forget(position: number): void {
    for (const [name, entries] of this.settled) {
      const kept = entries.filter(entry => entry.position <= position)
      if (kept.length === 0) this.settled.delete(name)
      else if (kept.length < entries.length) this.settled.set(name, kept)
    }
  }

  private checkAnswer(input: EventInput, outcome: Outcome, at: (position: number) => JournalEntry | undefined): void {
    const name = nameOf(input)
    for (const each of outcome.families ?? [outcome]) {
      if (!VERDICT_CODES.has(each.outcome)) continue
      const position = parsePosition(each.position ?? '') ?? 0
      const entry = at(position)
      must(
        entry !== undefined && this.vault.keeps(entry, input) && entry.verdict === each.outcome,
        'acknowledged is durable',
        () =>
          `${name} was ${each.outcome} at ${position}; there stands ${entry && nameOf(entry.event)} ${entry?.verdict}`,
      )
      this.acknowledged.set(position, { input, outcome })
    }
    const first = this.settled.get(name)?.[0]
    if (outcome.outcome === 'duplicate')
      must(
        first !== undefined && first.verdict === outcome.first && this.isSame(first, input),
        'duplicate',
        () => `${name} is called a duplicate of ${first?.position} (${first?.verdict}), first ${outcome.first}`,
      )
    if (outcome.outcome === 'id_reused')
      must(
        first !== undefined && !this.isSame(first, input),
        'id reused',
        () => `${name} is called reused; the first stands at ${first?.position}`,
      )
  }

  private isSame(first: JournalEntry, input: EventInput): boolean {
    return this.vault.isSameContent(first, input, first.key !== undefined && this.gone.has(first.key))
  }
}
