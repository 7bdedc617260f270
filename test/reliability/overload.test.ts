// Ten times what it can take: what does not fit is refused at once, by name, with a time to come back; the others are served.
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Outcome } from '../../engine/outcome.ts'
import { captured, event } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { sendEvent } from '../helpers/send-event.ts'
import { post, serve } from '../helpers/wire.ts'

const INBOX = { eventsMax: 1_000, eventsPerSourceMax: 500, batchEventsMax: 50 }

/** A server whose disk stands still until `goOn`. */
async function world() {
  let goOn: () => void = () => undefined
  let isHeld = false
  let held: Promise<void> = Promise.resolve()
  const { engine } = await openMemoryEngine({ limits: INBOX, commit: () => held })
  onTestFinished(() => engine.close())
  const { url } = await serve({ twin: engine })
  const hold = () => {
    isHeld = true
    held = new Promise(resolve => {
      goOn = () => {
        isHeld = false
        resolve()
      }
    })
  }
  onTestFinished(() => (isHeld ? goOn() : undefined))
  return { engine, url, hold, goOn: () => goOn() }
}

const flood = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ specversion: '1.0', ...captured(`F-${from + index}`, '00:10') }))

async function batch(url: string, events: readonly object[]): Promise<readonly Outcome[]> {
  const response = await post(`${url}/v1/events`, 'application/cloudevents-batch+json', JSON.stringify(events))
  return (await response.json()) as Outcome[]
}

const count = (outcomes: readonly Outcome[], code: string): number =>
  outcomes.filter(each => each.outcome === code).length

describe('ten times what the inbox holds', () => {
  test('[E8] sheds with 429 and Retry-After, keeps the others served, and recovers at once', async () => {
    const { engine, goOn, hold, url } = await world()
    hold()
    // The flood of one source: ten times the inbox, in requests side by side.
    const floods = Array.from({ length: 10 }, (_, index) => batch(url, flood(index * 1_000, 1_000)))
    await inboxHolds(engine, INBOX.eventsPerSourceMax)
    const single = await sendEvent(url, { specversion: '1.0', ...captured('F-single', '00:10') })
    expect(single).toMatchObject({ status: 429, outcome: { outcome: 'overloaded', code: 'inbox_full' } })
    expect(Number(single.retryAfter)).toBeGreaterThan(0)
    expect(inboxOf(engine)).toBeLessThanOrEqual(INBOX.eventsMax)

    // Another source is taken as if nothing were.
    const other = sendEvent(url, {
      specversion: '1.0',
      ...event('crm', 'order.captured', 'order/C-1', '00:11', captured('C-1', 1).data as object),
    })
    goOn()
    expect(await other).toMatchObject({ status: 200, outcome: { outcome: 'accepted' } })
    const outcomes = (await Promise.all(floods)).flat()
    expect(outcomes).toHaveLength(10_000)
    expect(count(outcomes, 'accepted') + count(outcomes, 'overloaded')).toBe(10_000)
    expect(count(outcomes, 'accepted')).toBeGreaterThanOrEqual(INBOX.eventsPerSourceMax)

    // What was shed is sent again, and taken.
    const again = await batch(url, flood(20_000, 400))
    expect(count(again, 'accepted')).toBe(400)
    expect(inboxOf(engine)).toBe(0)
  })

  test('[E1] [E8] of two sources that wait, both are in every batch', async () => {
    const { engine, goOn, hold } = await world()
    hold()
    const order: string[] = []
    const note = (source: string) => (outcomes: readonly Outcome[]) => void order.push(...outcomes.map(() => source))
    const some = (source: string, index: number) => ({ ...captured(`${source}-${index}`, '00:10'), source })
    const noisy = Array.from({ length: 400 }, (_, index) => engine.submit([some('shop', index)]).then(note('shop')))
    const quiet = Array.from({ length: 40 }, (_, index) => engine.submit([some('edi', index)]).then(note('edi')))
    goOn()
    await Promise.all([...noisy, ...quiet])
    // 440 events in turns of 50: taken in the order they came, the quiet source's would be the last 40.
    expect(order.lastIndexOf('edi')).toBeLessThan(200)
  })
})

const inboxOf = (engine: Awaited<ReturnType<typeof openMemoryEngine>>['engine']): number =>
  engine.metrics().find(family => /inbox/.test(family.name))?.samples[0]?.value ?? Number.NaN

async function inboxHolds(engine: Parameters<typeof inboxOf>[0], events: number): Promise<void> {
  while (inboxOf(engine) < events) await new Promise(resolve => setImmediate(resolve))
}
