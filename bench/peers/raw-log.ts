// The raw log: what the machine can do at most. It parses, validates with the same schemas, packs, appends and syncs through
// our journal, and decides nothing: no duplicates, no owners, no states. Knows journal and schemas, nothing else of the engine.
import { randomBytes } from 'node:crypto'
import { Packr } from 'msgpackr'
import { hash64 } from '../../engine/hash.ts'
import type { EntryFrame, Journal } from '../../engine/journal/journal.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import type { OutcomeCode } from '../../engine/outcome.ts'
import { type EventInput, parseEvent } from '../../machines/event.ts'
import { sourceBook } from '../../machines/sources.ts'
import type { Takes } from '../drive.ts'
import { SOURCES } from '../load/sources.ts'
import { benchClock } from '../store.ts'

// Four times as many events an append as the engine takes: it is to be what the machine can do at most, and syncs less often.
const BATCH_EVENTS = 2_000
const packr = new Packr({ useRecords: false, variableMapSize: true })

type Answered = { readonly outcome: OutcomeCode }

interface Waiting {
  readonly inputs: readonly unknown[]
  readonly answer: (answers: readonly Answered[]) => void
}

export interface RawLog extends Takes {
  close(): Promise<void>
}

export async function openRawLog(directory: string): Promise<RawLog> {
  const journal = await openSegmentJournal({ directory, randomBytes })
  const sources = sourceBook(SOURCES).byId
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

  function start(): void {
    running ??= run().finally(() => {
      running = undefined
      // What came between its last look and here is not forgotten.
      if (waiting.length > 0) start()
    })
  }

  async function run(): Promise<void> {
    await new Promise<void>(resolve => void setImmediate(resolve))
    while (waiting.length > 0) {
      const taken: Waiting[] = []
      let count = 0
      while (waiting[0] !== undefined && (count === 0 || count + waiting[0].inputs.length <= BATCH_EVENTS)) {
        const next = waiting.shift() as Waiting
        count += next.inputs.length
        taken.push(next)
      }
      const nowMs = benchClock.nowMs
      const frames = taken.flatMap(({ inputs }) => inputs.map(input => frameOf(input as EventInput, journal, nowMs)))
      const appended = await journal.append(nowMs, frames)
      if ('failure' in appended) throw new Error(`bench: the raw log failed: ${appended.failure.code}`)
      for (const { answer, inputs } of taken) answer(inputs.map(() => ACCEPTED))
    }
  }

  function frameOf(input: EventInput, { hashKey }: Journal, nowMs: number): EntryFrame {
    const source = sources.get(input.source)
    if (source === undefined) throw new Error(`bench: no source ${input.source}`)
    const parsed = parseEvent(input, source, nowMs)
    if ('flaws' in parsed) throw new Error(`bench: ${input.type} is malformed`)
    const { event } = parsed
    const { correlationId, id, rawData, schemaVersion, sequence, subjectText, timeText, type } = event
    const fields = [id, source.id, type, subjectText, timeText, schemaVersion, sequence, correlationId, rawData]
    return {
      family: hash64(subjectText, hashKey),
      eventId: hash64(`${source.id}/${id}`, hashKey),
      previous: 0,
      kind: 1,
      verdict: 1,
      body: packr.pack(fields),
    }
  }

  return {
    submit: inputs =>
      new Promise(answer => {
        waiting.push({ inputs, answer })
        start()
      }),
    async close() {
      waiting = []
      await running
      await journal.close()
    },
  }
}

const ACCEPTED: Answered = { outcome: 'accepted' }
