// Deciding: one event, from what was sent to a judgement, and from that to its answer. Reads a batch; changes nothing but what the
// batch's later events see, and who is set aside.
import { isDeepStrictEqual } from 'node:util'
import { type EventInput, type Parsed, parseEvent, parseSubject } from '../machines/event.ts'
import type { Source } from '../machines/sources.ts'
import * as answers from './answers.ts'
import type { Batch } from './batch.ts'
import { type Decision, decide, type Need, NotLoaded, Quarantine, resumed } from './decide.ts'
import { type Base, namesOf } from './derived.ts'
import type { JournalEntry } from './entry.ts'
import { EVENT_ENTRY, packEntry, verdictNumber } from './entry-codec.ts'
import type { EntryFrame, Journal } from './journal/journal.ts'
import type { Stirred } from './left-over.ts'
import type { EngineLimits } from './limits.ts'
import type { Outcome } from './outcome.ts'
import type { Sender } from './twin.ts'

/** What judging one event gave: a decision, with its entries as bytes where they are packed already, or an answer that needs none. */
export type Judgement =
  | { readonly decision: Decision; readonly frames?: readonly EntryFrame[] }
  | { readonly outcome: Outcome }

/** An event as far as its shape tells, and who sent it. */
export interface Understood {
  readonly source: Source
  readonly parsed: Parsed
}

export interface Sent {
  readonly input: unknown
  /** Why a person forces it, where one does. */
  readonly override?: string
  /** Nobody's event: a family whose events are tried again where a former unit left off. */
  readonly stirred?: Stirred
}

interface DecidingOptions {
  readonly base: Base
  readonly journal: Journal
  readonly limits: EngineLimits
}

export class Deciding {
  private readonly options: DecidingOptions

  constructor(options: DecidingOptions) {
    this.options = options
  }

  /** Why the sender may not say this: no source, or one its credentials do not speak for. */
  foreign(input: unknown, sender: Sender | undefined): Outcome | undefined {
    const source = (input as { source?: unknown } | null | undefined)?.source
    if (source === undefined || source === null || source === '')
      return answers.malformed(input, [{ path: 'source', message: 'is required' }])
    const isOurs = typeof source === 'string' && this.sources.has(source) && (sender?.sources?.has(source) ?? true)
    return isOurs ? undefined : answers.unauthorized(input, source)
  }

  /** Undefined where reading throws, which it never should: read again in `judged`, it sets aside no more than its own event. */
  triedToRead(input: unknown, nowMs: number): Understood | undefined {
    try {
      return this.read(input, nowMs)
    } catch {
      return undefined
    }
  }

  /**
   * `understood` is it as read, where that was done. Later events of the batch see what it came to: whoever packs it must look
   * whether it is too large. Throws NotLoaded, Quarantine, or a broken promise.
   */
  judged(batch: Batch, sent: Sent, understood?: Understood): Judgement {
    const judgement = this.judgement(batch, sent, understood)
    if ('decision' in judgement) noteIn(batch, judgement.decision)
    return judgement
  }

  /**
   * The same, packed before anybody hears of it. Where the journal could not hold it fewer others are woken; an event that is too
   * large even so is refused, and leaves no trace. What cannot be woken even alone waits on.
   */
  judgedAlone(batch: Batch, sent: Sent, understood?: Understood): Judgement {
    for (let isWoken = true; ; isWoken = false) {
      const judgement = this.judgement(batch, sent, understood)
      if (!('decision' in judgement) || judgement.decision.kind !== 'entries') return judgement
      const { decision } = judgement
      const frames = this.framesOf(decision.entries)
      if (!this.isTooLarge(frames)) {
        noteIn(batch, decision)
        const goesOn = isWoken || frames.length > 0 || decision.wokenLines > 0
        return { decision: goesOn ? decision : { ...decision, rest: [] }, frames }
      }
      if (decision.wokenLines === 0) return { outcome: answers.tooLarge(sent.input, bytesOf(frames)) }
      batch.wakeLinesLeft = Math.floor(Math.min(batch.wakeLinesLeft, decision.wokenLines) / 4)
    }
  }

  /** The entries of one event as bytes; undefined where they cannot be packed, or the journal could not hold them. */
  framesFor(entries: readonly JournalEntry[]): readonly EntryFrame[] | undefined {
    try {
      const frames = this.framesOf(entries)
      return this.isTooLarge(frames) ? undefined : frames
    } catch {
      return undefined
    }
  }

  /** Whether the family it is about was set aside before. */
  isSetAside(thrown: unknown): boolean {
    return thrown instanceof Quarantine && this.options.base.quarantined.reason(thrown.family) !== undefined
  }

  private framesOf(entries: readonly JournalEntry[]): readonly EntryFrame[] {
    return entries.map(entry => this.frame(entry))
  }

  private isTooLarge(frames: readonly EntryFrame[]): boolean {
    const { entryBytesMax, unitBytesMax } = this.options.limits
    return bytesOf(frames) > unitBytesMax || frames.some(frame => frame.body.length > entryBytesMax)
  }

  /** A family the engine could not load or step is set aside alone; the rest runs on. */
  setAside(input: unknown, thrown: unknown): Outcome {
    const { subject } = input as Partial<EventInput>
    const named = typeof subject === 'string' ? parseSubject(subject)?.number : undefined
    const family = thrown instanceof Quarantine ? thrown.family : (named ?? '')
    this.options.base.quarantined.add(family, reasonOf(thrown))
    return answers.overloaded(input, 'family_quarantined', reasonOf(thrown))
  }

  outcomeOf(input: unknown, decision: Decision, batch: Batch): Outcome {
    const { families: live, keyring, steppers } = this.options.base
    if (decision.kind === 'retired') return answers.retiredDuplicateOf(decision.first)
    if (decision.kind === 'overloaded') return answers.overloaded(input, 'parking_full', decision.reason)
    if (decision.kind === 'duplicate') {
      const led = answers.ledOutcomes(decision.led, id => batch.families.get(id) ?? live.get(id), steppers)
      // It may quote why a person let go of it.
      return withLed(keyring.opened(answers.duplicateOf(decision.first, decision.since)), led)
    }
    const own = decision.entries.slice(0, decision.answers)
    const families = (id: string) => decision.families.get(id) ?? batch.families.get(id)
    return withLed(answers.outcomeOf(own, families, steppers), answers.ledOutcomes(decision.led, families, steppers))
  }

  private judgement(batch: Batch, { input, override, stirred }: Sent, understood?: Understood): Judgement {
    if (stirred !== undefined) return { decision: resumed(batch, stirred) }
    const { parsed, source } = understood ?? this.read(input, batch.nowMs)
    if ('flaws' in parsed) return { outcome: answers.malformed(input, parsed.flaws) }
    return { decision: decide(batch, parsed.event, input as EventInput, source, override) }
  }

  private read(input: unknown, nowMs: number): Understood {
    const source = this.sources.get((input as EventInput).source) as Source
    return { source, parsed: parseEvent(input, source, nowMs) }
  }

  private get sources(): ReadonlyMap<string, Source> {
    return this.options.base.sources.byId
  }

  private frame(entry: JournalEntry): EntryFrame {
    const { hashKey } = this.options.journal
    const { eventId, family } = namesOf(entry, hashKey)
    return {
      family,
      eventId,
      previous: entry.previous,
      kind: EVENT_ENTRY,
      verdict: verdictNumber(entry.verdict),
      body: packEntry(entry),
    }
  }
}

function noteIn(batch: Batch, decision: Decision): void {
  if (decision.kind === 'entries') batch.add(decision)
}

/** Whether deciding asked for it before, and so in vain: it cannot be loaded. */
export const isAmong = (needs: readonly Need[], need: Need): boolean =>
  needs.some(each => isDeepStrictEqual(each, need))

export const reasonOf = (thrown: unknown): string =>
  thrown instanceof NotLoaded
    ? `what it needs cannot be loaded: ${JSON.stringify(thrown.need)}`
    : (thrown as Error).message

export function bytesOf(frames: readonly EntryFrame[]): number {
  let bytes = 0
  for (const { body } of frames) bytes += body.length
  return bytes
}

const withLed = (outcome: Outcome, led: readonly Outcome[] | undefined): Outcome =>
  led === undefined || led.length === 0 ? outcome : { ...outcome, led }
