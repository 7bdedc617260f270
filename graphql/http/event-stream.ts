// EventStream: one NDJSON request of any length, answered line by line in input order while it still comes in.
// Owns:  the lines and outcomes between socket and twin.   Speaks to: the twin, through `ask`.
//   N1  Memory is bounded: one unfinished line, `groupsInFlightMax` groups of lines, one write the client has not taken.
//   N2  Reading stops while the twin is behind or the client does not take its answers; TCP carries that to the sender.
//       Nor is it read for `streamRestMs` after the inbox turned some of it away (H25): what came would be turned away too; nor while
//       a batch waits for its turn, and some of its own with it (H26): parsed, it would take many times the memory of its bytes.
//   N3  A client whose turn it is has `patienceMs` for a whole line, or to take what is written.
//   N4  A stream that we end before its sender does says why in a last line, a problem document. Every line before it
//       that has no answer yet gets one first.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Limits } from '../limits.ts'
import { type ProblemCode, problem } from '../problems.ts'
import { nextChunk } from './incoming.ts'
import { type Ask, isTurnedAway, outcomesOf } from './judging.ts'
import { LineSplitter } from './line-splitter.ts'
import { groupsOfLines } from './lines.ts'
import type { Patience, Wait } from './patience.ts'
import type { Read } from './strict-json.ts'

export interface StreamOptions {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly ask: Ask
  /** The twin's. */
  readonly backlog: () => Promise<void> | undefined
  /** Told whether it is we who do not read on. */
  readonly holding: (isHeldBack: boolean) => void
  readonly limits: Limits
  readonly patience: Patience
  /** Aborted when the server closes. */
  readonly closing: AbortSignal
  readonly report: (error: unknown) => void
}

/** Serves the stream to its end, whoever ends it. Never rejects. */
export async function serveStream(options: StreamOptions): Promise<void> {
  const { request, response, limits } = options
  // The loss of the client is no fault; it is seen where we next read or write.
  request.on('error', () => {})
  response.on('error', () => {})
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  const stop = stopper(options)
  const fail = failure(options, stop)
  const answers = new Answers(options, stop.signal, fail)
  try {
    for await (const lines of wholeLines(options, stop)) {
      await answers.soon()
      for (const group of groupsOfLines(lines, limits)) await answers.add(group)
    }
    await answers.allWritten()
  } catch (error) {
    fail(error)
  } finally {
    stop.release()
  }
  if (!response.destroyed) endWith(stop.reason(), options)
}

/** What came, cut at line ends, until the client ends, is gone, keeps us waiting, or we stop. */
async function* wholeLines({ request, limits, patience }: StreamOptions, stop: Stopper): AsyncGenerator<Buffer> {
  const splitter = new LineSplitter(limits.eventBytesMax)
  const wait = patience.wait(() => stop.because('stream_stalled'))
  for (;;) {
    const next = await nextChunk(request, stop.signal)
    if (typeof next === 'object') {
      const lines = splitter.push(next.chunk)
      if (lines === undefined) continue
      wait.end()
      yield lines
      wait.begin()
    } else {
      wait.end()
      const rest = next === 'ended' ? splitter.rest() : undefined
      if (rest !== undefined) yield rest
      return
    }
  }
}

/** Called with each failure; one makes all groups behind it fail likewise and is reported once. */
function failure({ report }: StreamOptions, stop: Stopper): (error: unknown) => void {
  let reported: unknown
  return error => {
    if (error !== reported) report(error)
    reported = error
    stop.because('internal')
  }
}

/** Asks the twin about groups of lines and writes their outcomes in the order the groups came. */
class Answers {
  readonly #options: StreamOptions
  readonly #failed: (error: unknown) => void
  readonly #inFlight: Promise<void>[] = []
  readonly #stopped: AbortSignal
  /** Groups that are not answered yet. */
  #open = 0
  #last: Promise<void> = Promise.resolve()
  #rest: Promise<void> | undefined

  constructor(options: StreamOptions, stopped: AbortSignal, failed: (error: unknown) => void) {
    this.#options = options
    this.#stopped = stopped
    this.#failed = failed
  }

  /** Resolves when what is read next has its turn soon, or nothing of this stream waits for one: no other keeps it from being read (H26). */
  async soon(): Promise<void> {
    const { backlog, holding } = this.#options
    for (let taken = backlog(); taken !== undefined && this.#open > 0; taken = backlog()) {
      holding(true)
      await Promise.race([taken, this.#last.catch(() => undefined)])
      holding(false)
    }
  }

  /** Resolves when there is room for the next group. Rejects with what failed in this one or an earlier one. */
  async add(group: Read): Promise<void> {
    const { ask, limits } = this.#options
    await this.#rest
    this.#last = Promise.all([outcomesOf(group, ask), this.#last]).then(([outcomes]) => {
      if (outcomes.some(isTurnedAway)) this.#rest = this.#pause(limits.streamRestMs)
      let lines = ''
      for (const outcome of outcomes) lines += `${JSON.stringify(outcome)}\n`
      return this.#write(lines)
    })
    this.#open++
    // At once, as nobody may be waiting for this group: the reader waits for the client.
    this.#last.catch(this.#failed).finally(() => this.#open--)
    this.#inFlight.push(this.#last)
    if (this.#inFlight.length >= limits.groupsInFlightMax) await this.#inFlight.shift()
  }

  /** One after another: when a group fails, those before it have been written and those after it never will be. */
  async allWritten(): Promise<void> {
    for (const group of this.#inFlight) await group
  }

  #pause(ms: number): Promise<void> {
    // Cut short when the stream is stopped.
    return pause(ms, undefined, { signal: this.#stopped, ref: false }).catch(() => undefined)
  }

  #write(text: string): Promise<void> | void {
    const { request, response, patience } = this.#options
    if (response.destroyed || response.write(text)) return
    // Who does not take answers cannot be told so either.
    const wait = patience.wait(() => request.destroy())
    return drained(response, wait)
  }
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse, wait: Wait): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      response.off('drain', settle)
      response.off('close', settle)
      wait.end()
      resolve()
    }
    response.on('drain', settle)
    response.on('close', settle)
  })
}

interface Stopper {
  readonly signal: AbortSignal
  /** The first reason counts. */
  because(code: ProblemCode): void
  reason(): ProblemCode | undefined
  release(): void
}

function stopper({ closing }: StreamOptions): Stopper {
  const controller = new AbortController()
  const because = (code: ProblemCode) => controller.abort(code)
  const close = () => because('shutting_down')
  closing.addEventListener('abort', close)
  if (closing.aborted) close()
  return {
    signal: controller.signal,
    because,
    reason: () => controller.signal.reason as ProblemCode | undefined,
    release: () => closing.removeEventListener('abort', close),
  }
}

function endWith(reason: ProblemCode | undefined, { request, response, limits }: StreamOptions): void {
  if (reason === undefined) return void response.end()
  response.end(`${JSON.stringify(problem(reason))}\n`)
  // Closing now would reset the connection and take our last lines with it: what still comes is read and dropped.
  request.resume()
  setTimeout(() => request.destroy(), limits.lingerMs).unref()
}
