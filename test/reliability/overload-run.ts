// Overload: what a server takes at most is measured; then ten times as much is offered, whether it keeps up or not. Measured are
// what is taken in spite of it, how long that takes, and what another source, which sends little, feels of it.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Connection, requestBytes } from '../../bench/clients/connection.ts'
import { verifyStore } from '../../cli/verify-store.ts'
import { isTransient, type Outcome } from '../../engine/outcome.ts'
import { captured, SOURCES } from '../helpers/distributor.ts'
import { sendEvent } from '../helpers/send-event.ts'
import { configFile, type ServerProcess, serverProcess } from '../helpers/server-process.ts'

export interface OverloadRun {
  /** An empty folder. */
  readonly folder: string
  /** Each measured twice: at the most it takes, and at so many times as much. */
  readonly seconds: number
  readonly times: number
}

export interface Load {
  readonly seconds: number
  /** Events that were offered, and of these taken and turned away by name; the rest found no connection free. */
  readonly offered: number
  readonly accepted: number
  readonly shed: number
  /** Of requests that were taken, milliseconds from when they were due. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly quiet: Quiet
}

/** The source that sends little: single events, one after another. */
interface Quiet {
  readonly accepted: number
  /** Answers `overloaded`: it sends again when it is told to, and its time goes on. */
  readonly shed: number
  readonly p50Ms: number
  readonly p99Ms: number
}

// 250 events of 300 bytes: a batch as a busy partner sends it.
const REQUEST_EVENTS = 250
const CONNECTIONS = 256
// Four requests at a time keep the server at work; more only wait.
const PEAK_CONNECTIONS = 4
const WARM_SECONDS = 3

/** The load at its peak, and at `times` the peak. Throws when an acknowledged event is not in the store. */
export async function overload({ folder, seconds, times }: OverloadRun): Promise<readonly [peak: Load, over: Load]> {
  const server = await serverProcess(await configFile(folder, SOURCES))
  const bodies = new Bodies(new URL('/v1/events', server.url))
  const quiet = new QuietSource(server)
  try {
    await atPeak(server, bodies, WARM_SECONDS)
    const peak = { ...(await atPeak(server, bodies, seconds)), quiet: quiet.lap() }
    const perSecond = (peak.accepted / peak.seconds) * times
    const over = { ...(await offered(server, bodies, { seconds, perSecond })), quiet: quiet.lap() }
    await quiet.over()
    await server.stop()
    await held(join(folder, 'store'), bodies, quiet)
    return [peak, over]
  } finally {
    await quiet.over()
    await server.kill()
  }
}

/** Requests whose events nobody sent before: made once, with other numbers each time. */
class Bodies {
  /** By number of event: whether it was acknowledged. */
  readonly taken: boolean[] = []
  private readonly template: Buffer
  private readonly places: readonly number[]
  private next = 0

  constructor(url: URL) {
    const events = Array.from({ length: REQUEST_EVENTS }, () => ({
      specversion: '1.0',
      ...captured(`N${DIGITS}`, '00:10'),
      id: `n-${DIGITS}`,
    }))
    this.template = requestBytes(url, 'application/cloudevents-batch+json', JSON.stringify(events))
    const places: number[] = []
    for (let at = this.template.indexOf(DIGITS); at >= 0; at = this.template.indexOf(DIGITS, at + 1)) places.push(at)
    this.places = places
  }

  /** The bytes of a request, and the number of its first event. */
  make(): { readonly bytes: Buffer; readonly from: number } {
    const from = this.next
    this.next += REQUEST_EVENTS
    const bytes = Buffer.from(this.template)
    const perEvent = this.places.length / REQUEST_EVENTS
    for (const [index, at] of this.places.entries()) {
      const number = from + Math.floor(index / perEvent)
      bytes.write(String(number).padStart(DIGITS.length, '0'), at, 'latin1')
    }
    return { bytes, from }
  }
}

const DIGITS = '#########'

interface Answered {
  readonly accepted: number
  readonly shed: number
}

class Sender {
  private connection: Connection
  private readonly url: URL
  private readonly bodies: Bodies

  constructor(url: string, bodies: Bodies) {
    this.url = new URL(url)
    this.connection = new Connection(this.url)
    this.bodies = bodies
  }

  async send(): Promise<Answered> {
    const { bytes, from } = this.bodies.make()
    // Who is turned away before its body is read is cut off, too: the next request takes another connection.
    const body = await this.connection.post(bytes).catch(() => undefined)
    if (body === undefined) {
      this.connection.close()
      this.connection = new Connection(this.url)
    }
    if (body === undefined || body.startsWith('{')) return { accepted: 0, shed: REQUEST_EVENTS }
    let accepted = 0
    for (const [index, { outcome }] of (JSON.parse(body) as Outcome[]).entries()) {
      if (outcome === 'accepted') {
        this.bodies.taken[from + index] = true
        accepted++
      } else if (outcome !== 'overloaded') throw new Error(`event ${from + index}: ${outcome}`)
    }
    return { accepted, shed: REQUEST_EVENTS - accepted }
  }

  close(): void {
    this.connection.close()
  }
}

class Counted {
  accepted = 0
  shed = 0
  private readonly waits: number[] = []

  add({ accepted, shed }: Answered, waitedMs: number): void {
    this.accepted += accepted
    this.shed += shed
    if (accepted > 0) this.waits.push(waitedMs)
  }

  result(): Answered & { readonly p50Ms: number; readonly p99Ms: number } {
    const { accepted, shed } = this
    return { accepted, shed, ...percentiles(this.waits) }
  }
}

function percentiles(waits: readonly number[]): { readonly p50Ms: number; readonly p99Ms: number } {
  const sorted = waits.toSorted((one, other) => one - other)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { p50Ms: at(0.5), p99Ms: at(0.99) }
}

/** A few connections that send as soon as they are answered. */
async function atPeak({ url }: ServerProcess, bodies: Bodies, seconds: number): Promise<Omit<Load, 'quiet'>> {
  const counted = new Counted()
  const startMs = performance.now()
  const endMs = startMs + seconds * 1_000
  const sending = Array.from({ length: PEAK_CONNECTIONS }, async () => {
    const sender = new Sender(url, bodies)
    while (performance.now() < endMs) {
      const sentMs = performance.now()
      const answered = await sender.send()
      counted.add(answered, performance.now() - sentMs)
      // Turned away whole: more of that would measure how fast it refuses.
      if (answered.accepted === 0) await pause(100)
    }
    sender.close()
  })
  await Promise.all(sending)
  const result = counted.result()
  return { seconds: (performance.now() - startMs) / 1_000, offered: result.accepted + result.shed, ...result }
}

/** So many events a second, whether answers come or not. */
async function offered(
  { url }: ServerProcess,
  bodies: Bodies,
  { perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
): Promise<Omit<Load, 'quiet'>> {
  const counted = new Counted()
  const free = Array.from({ length: CONNECTIONS }, () => new Sender(url, bodies))
  const flying = new Set<Promise<void>>()
  const startMs = performance.now()
  let requests = 0
  for (;;) {
    const nowMs = performance.now()
    if (nowMs - startMs >= seconds * 1_000) break
    for (; dueMs(requests) <= nowMs; requests++) {
      const sender = free.pop()
      // All its connections wait: what this client offers now, it cannot even send.
      if (sender === undefined) continue
      const due = dueMs(requests)
      const flight = sender.send().then(answered => {
        counted.add(answered, performance.now() - due)
        free.push(sender)
        flying.delete(flight)
      })
      flying.add(flight)
    }
    await pause(1)
  }
  const elapsed = (performance.now() - startMs) / 1_000
  await Promise.all(flying)
  for (const sender of free) sender.close()
  return { seconds: elapsed, offered: requests * REQUEST_EVENTS, ...counted.result() }

  function dueMs(request: number): number {
    return startMs + (request * REQUEST_EVENTS * 1_000) / perSecond
  }
}

/** A second source: an event, its answer, a short while, the next. */
class QuietSource {
  private accepted = 0
  private shed = 0
  private waits: number[] = []
  private isOver = false
  readonly taken: string[] = []
  private readonly sending: Promise<void>

  constructor(server: ServerProcess) {
    this.sending = this.send(server)
    this.sending.catch(() => undefined)
  }

  /** What came since the last lap. */
  lap(): Quiet {
    const { accepted, shed, waits } = this
    this.accepted = this.shed = 0
    this.waits = []
    return { accepted, shed, ...percentiles(waits) }
  }

  async over(): Promise<void> {
    this.isOver = true
    await this.sending
  }

  private async send({ url }: ServerProcess): Promise<void> {
    for (let number = 1; !this.isOver; number++) {
      const id = `q-${number}`
      const event = { specversion: '1.0', ...captured(`Q${number}`, '00:10'), source: 'edi', id }
      const startMs = performance.now()
      for (;;) {
        const { outcome, retryAfter } = await sendEvent(url, event)
        if (outcome.outcome === 'accepted') break
        if (retryAfter === null && !isTransient(outcome.outcome)) throw new Error(`${id}: ${JSON.stringify(outcome)}`)
        this.shed++
        await pause(Number(retryAfter ?? 1) * 1_000)
      }
      this.waits.push(performance.now() - startMs)
      this.accepted++
      this.taken.push(id)
      await pause(20)
    }
  }
}

async function held(data: string, { taken }: Bodies, quiet: QuietSource): Promise<void> {
  const there = new Set<string>()
  const verdict = await verifyStore(data, ({ event }) => void there.add(event.id))
  if ('problem' in verdict) throw new Error(verdict.problem)
  const lost = quiet.taken.filter(id => !there.has(id))
  taken.forEach((isTaken, number) => {
    const id = `n-${String(number).padStart(DIGITS.length, '0')}`
    if (isTaken && !there.has(id)) lost.push(id)
  })
  if (lost.length > 0)
    throw new Error(`${lost.length} acknowledged events are not there: ${lost.slice(0, 5).join(', ')}`)
}
