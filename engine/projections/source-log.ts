// SourceLog: when each source was last heard, what came of its events, and the gaps in its own counter.
import { placeMs } from '../../machines/ids.ts'
import type { JournalEntry } from '../entry.ts'
import type { OutcomeCode } from '../outcome.ts'
import type { Remnant } from '../retiring/remnant.ts'
import type { Projection } from './projection.ts'

export interface SourceRecord {
  lastEventMs: number
  lastRecordedMs: number
  readonly outcomes: Partial<Record<OutcomeCode, number>>
  highestSequence: number | undefined
  sequenceGaps: number
  lastGap: { readonly after: number; readonly before: number } | undefined
  parked: number
}

export class SourceLog implements Projection {
  private readonly records = new Map<string, SourceRecord>()
  /** Source of every event that waits, by the position that parked it. */
  private readonly parkedAt = new Map<number, string>()

  of(source: string): SourceRecord {
    let record = this.records.get(source)
    if (record === undefined) {
      record = {
        lastEventMs: 0,
        lastRecordedMs: 0,
        outcomes: {},
        highestSequence: undefined,
        sequenceGaps: 0,
        lastGap: undefined,
        parked: 0,
      }
      this.records.set(source, record)
    }
    return record
  }

  /** How many events of all sources wait. */
  get parked(): number {
    return this.parkedAt.size
  }

  saved(): unknown {
    return { records: [...this.records], parkedAt: [...this.parkedAt] }
  }

  load(saved: unknown): void {
    const { records, parkedAt } = saved as { records: [string, SourceRecord][]; parkedAt: [number, string][] }
    for (const [source, record] of records) this.records.set(source, record)
    for (const [position, source] of parkedAt) this.parkedAt.set(position, source)
  }

  fold(entry: JournalEntry): void {
    const record = this.of(entry.event.source)
    record.lastEventMs = Math.max(record.lastEventMs, placeMs(entry.place))
    record.lastRecordedMs = entry.recordedMs
    for (const position of entry.frees) this.free(position)
    if (entry.parks !== undefined) {
      this.parkedAt.set(entry.position, entry.event.source)
      record.parked++
    }
    if (entry.cause !== undefined) return
    noteOutcome(record, entry.verdict)
    if (entry.event.sequence !== undefined) noteSequence(record, Number(entry.event.sequence))
  }

  /** The same of an entry of which little is left: what waited then waits no more. */
  foldRemnant({ event, isWoken, recordedMs, timeMs, verdict }: Remnant): void {
    const record = this.of(event.source)
    record.lastEventMs = Math.max(record.lastEventMs, timeMs)
    record.lastRecordedMs = recordedMs
    if (isWoken) return
    this.count(event.source, verdict)
    if (event.sequence !== undefined) noteSequence(record, Number(event.sequence))
  }

  /** Counts an outcome that no entry records (E7). */
  count(source: string, outcome: OutcomeCode): void {
    noteOutcome(this.of(source), outcome)
  }

  private free(position: number): void {
    const source = this.parkedAt.get(position)
    if (source === undefined) return
    this.parkedAt.delete(position)
    this.of(source).parked--
  }
}

function noteOutcome({ outcomes }: SourceRecord, outcome: OutcomeCode): void {
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
}

/** A jump over numbers is a gap; what fills it later was late, and the gap stays counted: it was seen. */
function noteSequence(record: SourceRecord, sequence: number): void {
  const { highestSequence } = record
  if (highestSequence !== undefined && sequence > highestSequence + 1) {
    record.sequenceGaps++
    record.lastGap = { after: highestSequence, before: sequence }
  }
  if (highestSequence === undefined || sequence > highestSequence) record.highestSequence = sequence
}
