// `ordertwin import`: sends the events of files to a twin, in this process or over HTTP, and tells what came of them.
import { setTimeout as pause } from 'node:timers/promises'
import { type PostEvents, postEventsTo } from '../connectors/http/post-events.ts'
import { settleEvents } from '../connectors/http/settle-events.ts'
import type { Outcome, OutcomeCode } from '../engine/outcome.ts'
import type { Twin } from '../engine/twin.ts'
import { type ImportItem, readImport } from './import-files.ts'
import { outcomeTable } from './outcome-table.ts'
import { type Out, type Progress, startProgress } from './progress.ts'

export type ImportOptions = {
  readonly files: readonly string[]
  /** Judges everything and writes nothing. */
  readonly dryRun: boolean
  readonly out: Out
  readonly signal?: AbortSignal
} & (
  | { readonly twin: Pick<Twin, 'submit' | 'preview'> }
  | { readonly url: string; readonly headers?: Record<string, string> }
)

export interface ImportReport {
  readonly outcomes: Readonly<Partial<Record<OutcomeCode, number>>>
  /** What could not be read as an event, and what was read and refused. */
  readonly unreadable: number
  readonly refused: number
  /** 1 when anything was unreadable or refused. */
  readonly exitCode: 0 | 1
}

const BATCH_MAX = 1_000
// A preview forgets what it judged: only events of one batch build on each other, so it takes as many as memory is kind to.
const PREVIEW_BATCH_MAX = 50_000
// Whoever waits at a terminal would rather know within half a minute that nobody answers.
const ATTEMPTS_MAX = 12
const TROUBLES_SHOWN_MAX = 20

/** Imports file after file. Throws when a file cannot be read, or `SendingFailed` when the twin cannot be reached. */
export async function importFiles(options: ImportOptions): Promise<ImportReport> {
  const tally = new ImportTally(options.out)
  const post = posterFor(options)
  for (const file of options.files) await importFile({ file, post, tally, options })
  return tally.close(options.dryRun)
}

/** In this process or over HTTP, for good or as a preview: all answer the same way. */
function posterFor(options: ImportOptions): PostEvents {
  if ('url' in options) {
    const { url, headers, dryRun } = options
    return postEventsTo({ url, headers, fetch }, dryRun ? '/v1/preview' : '/v1/events')
  }
  const { twin, dryRun } = options
  return async events => ({ kind: 'answered', outcomes: await (dryRun ? twin.preview(events) : twin.submit(events)) })
}

type EventItem = Extract<ImportItem, { kind: 'event' }>

interface FileImport {
  readonly file: string
  readonly post: PostEvents
  readonly tally: ImportTally
  readonly options: ImportOptions
}

async function importFile({ file, post, tally, options }: FileImport): Promise<void> {
  const { dryRun, out, signal } = options
  const progress = startProgress({ out, label: file, total: 100, nowMs: Date.now })
  const send = async (batch: readonly EventItem[]) => {
    const events = batch.map(item => item.event)
    tally.add(batch, await settleEvents(events, { post, pause: sleep, signal, attemptsMax: ATTEMPTS_MAX }))
    tell(progress, batch.at(-1)?.part ?? 1, tally)
  }
  try {
    let batch: EventItem[] = []
    for await (const item of readImport(file)) {
      if (item.kind === 'finding') tally.unreadable(item.where, item.message)
      else batch.push(item)
      if (batch.length < (dryRun ? PREVIEW_BATCH_MAX : BATCH_MAX)) continue
      await send(batch)
      batch = []
      if (dryRun) tally.inParts()
    }
    if (batch.length > 0) await send(batch)
  } finally {
    progress.end()
  }
}

const sleep = (ms: number, signal?: AbortSignal): Promise<void> => pause(ms, undefined, { signal })

const tell = (progress: Progress, part: number, tally: ImportTally) =>
  progress.at(Math.floor(part * 100), `${tally.events.toLocaleString('en')} events`)

/** What stands: it counts, it will count, or it counted already. */
const STANDS: ReadonlySet<OutcomeCode> = new Set(['accepted', 'superseded', 'parked', 'duplicate'])

class ImportTally {
  events = 0
  readonly #out: Out
  readonly #outcomes: Partial<Record<OutcomeCode, number>> = {}
  readonly #troubles: string[] = []
  #unreadable = 0
  #refused = 0
  #inParts = false

  constructor(out: Out) {
    this.#out = out
  }

  add(items: readonly EventItem[], outcomes: readonly Outcome[]): void {
    this.events += outcomes.length
    for (const [index, outcome] of outcomes.entries()) {
      this.#outcomes[outcome.outcome] = (this.#outcomes[outcome.outcome] ?? 0) + 1
      if (STANDS.has(outcome.outcome)) continue
      this.#refused++
      this.#trouble(`${items[index]?.where} ${outcome.id ?? ''} ${outcome.outcome}: ${reasonOf(outcome)}`)
    }
  }

  unreadable(where: string, message: string): void {
    this.#unreadable++
    this.#trouble(`${where} ${message}`)
  }

  inParts(): void {
    this.#inParts = true
  }

  close(dryRun: boolean): ImportReport {
    this.#out.write(dryRun ? 'Dry run: judged, nothing written.\n' : 'Imported.\n')
    if (this.#inParts)
      this.#out.write(`Judged in parts of ${PREVIEW_BATCH_MAX}: what builds on an earlier part shows as parked.\n`)
    this.#out.write(outcomeTable(this.#outcomes))
    if (this.#unreadable > 0) this.#out.write(`  ${String(this.#unreadable).padStart(9)}  unreadable\n`)
    for (const trouble of this.#troubles) this.#out.write(`${trouble}\n`)
    const more = this.#unreadable + this.#refused - this.#troubles.length
    if (more > 0) this.#out.write(`… and ${more} more\n`)
    const exitCode = this.#unreadable + this.#refused > 0 ? 1 : 0
    return { outcomes: this.#outcomes, unreadable: this.#unreadable, refused: this.#refused, exitCode }
  }

  #trouble(text: string): void {
    if (this.#troubles.length < TROUBLES_SHOWN_MAX) this.#troubles.push(text)
  }
}

function reasonOf({ reason, flaws, code }: Outcome): string {
  if (flaws !== undefined) return flaws.map(flaw => `${flaw.path} ${flaw.message}`).join('; ')
  return reason ?? code ?? ''
}
