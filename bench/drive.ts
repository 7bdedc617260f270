// Drive: puts a load through a twin in this process. Only the time events are in the twin's hands counts; making them does not.
import type { Outcome } from '../engine/outcome.ts'
import { addTally, type LoadOptions, laps, type Tally } from './load/load.ts'
import { tallyOutcomes } from './tally.ts'

export interface Driven {
  readonly events: number
  readonly seconds: number
  /** Time of all cores this process used meanwhile: on a busy machine it says more than the clock. */
  readonly cpuSeconds: number
  readonly answered: Tally
  readonly expected: Tally
}

interface Submits {
  submit(inputs: readonly unknown[]): Promise<readonly Outcome[]>
}

// 1,000 events four times over: two full batches of the engine, so that it never waits for us.
const SUBMIT_EVENTS = 1_000
const IN_FLIGHT = 4

export async function drive(twin: Submits, load: LoadOptions): Promise<Driven> {
  const answered: Tally = {}
  const expected: Tally = {}
  let events = 0
  let spentMs = 0
  let cpuUs = 0
  for (const lap of laps(load)) {
    const before = process.cpuUsage()
    const startedMs = performance.now()
    const outcomes = await submitAll(twin, lap.events)
    spentMs += performance.now() - startedMs
    const { system, user } = process.cpuUsage(before)
    cpuUs += system + user
    events += lap.events.length
    addTally(expected, lap.expected)
    for (const each of outcomes) tallyOutcomes(answered, each)
  }
  return { events, seconds: spentMs / 1e3, cpuSeconds: cpuUs / 1e6, answered, expected }
}

async function submitAll(twin: Submits, events: readonly unknown[]): Promise<readonly (readonly Outcome[])[]> {
  const answers: Promise<readonly Outcome[]>[] = []
  for (let from = 0; from < events.length; from += SUBMIT_EVENTS) {
    if (answers.length >= IN_FLIGHT) await answers[answers.length - IN_FLIGHT]
    answers.push(twin.submit(events.slice(from, from + SUBMIT_EVENTS)))
  }
  return Promise.all(answers)
}
