// Drive: puts a load through a twin in this process. Only the time events are in the twin's hands counts; making them does not.
import type { Outcome } from '../engine/outcome.ts'
import { addTally, type Lap, type LoadOptions, laps, type Tally } from './load/load.ts'
import { shown } from './report.ts'
import { soFar } from './stage.ts'
import { tallyOutcomes } from './tally.ts'

export interface Driven {
  readonly events: number
  /** Of the events as JSON text. */
  readonly bytes: number
  readonly seconds: number
  /** Time of all cores this process used meanwhile: on a busy machine it says more than the clock. */
  readonly cpuSeconds: number
  readonly answered: Tally
  readonly expected: Tally
  /** Seconds that count, and events a second since the last point. */
  readonly throughput: readonly (readonly [number, number])[]
  /** Events so far, and processor microseconds an event since the last point. */
  readonly cost: readonly (readonly [number, number])[]
}

/** What a drive needs of a twin: one answer per event. */
export interface Takes {
  submit(inputs: readonly unknown[]): Promise<readonly Pick<Outcome, 'outcome'>[]>
}

/** `objects`: parsed already; `text`: each event is JSON text that is parsed within the time that counts. */
export type EventForm = 'objects' | 'text'

// 1,000 events four times over: eight full batches of the engine, so that it never waits for us.
const SUBMIT_EVENTS = 1_000
const IN_FLIGHT = 4
// 4,000: what is made ahead stays small beside what the engine holds, and is young when it is dropped: the collector's work
// on it would count as the engine's.
const PART_EVENTS = 4_000

export const drive = (twin: Takes, load: LoadOptions, form: EventForm = 'objects'): Promise<Driven> =>
  driveLaps(twin, laps(load, PART_EVENTS), form)

export async function driveLaps(twin: Takes, laps: Iterable<Lap>, form: EventForm = 'objects'): Promise<Driven> {
  const answered: Tally = {}
  const expected: Tally = {}
  const throughput: [number, number][] = []
  const cost: [number, number][] = []
  let events = 0
  let bytes = 0
  let spentMs = 0
  let cpuUs = 0
  for (const lap of laps) {
    const taken = form === 'text' ? lap.events.map(event => JSON.stringify(event)) : lap.events
    for (const each of taken) bytes += typeof each === 'string' ? each.length : JSON.stringify(each).length
    const before = process.cpuUsage()
    const startedMs = performance.now()
    const outcomes = await submitAll(twin, taken, form)
    const lapMs = performance.now() - startedMs
    const { system, user } = process.cpuUsage(before)
    spentMs += lapMs
    cpuUs += system + user
    events += taken.length
    soFar(() => `${shown(events)} events`)
    throughput.push([spentMs / 1e3, (taken.length / lapMs) * 1e3])
    cost.push([events, (system + user) / taken.length])
    addTally(expected, lap.expected)
    for (const each of outcomes) tallyOutcomes(answered, each)
  }
  return { events, bytes, seconds: spentMs / 1e3, cpuSeconds: cpuUs / 1e6, answered, expected, throughput, cost }
}

type Answers = readonly Pick<Outcome, 'outcome'>[]

async function submitAll(twin: Takes, events: readonly unknown[], form: EventForm): Promise<readonly Answers[]> {
  const answers: Promise<Answers>[] = []
  for (let from = 0; from < events.length; from += SUBMIT_EVENTS) {
    if (answers.length >= IN_FLIGHT) await answers[answers.length - IN_FLIGHT]
    const some = events.slice(from, from + SUBMIT_EVENTS)
    answers.push(twin.submit(form === 'text' ? some.map(text => JSON.parse(text as string)) : some))
  }
  return Promise.all(answers)
}
