// Ten times what it can take: what does not fit is refused at once, by name, with a time to come back; the others are served.
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Outcome } from '../../engine/outcome.ts'
import { captured, event } from '../helpers/distributor.ts'
import { openMemoryEngine } from '../helpers/memory-engine.ts'
import { sendEvent } from '../helpers/send-event.ts'
import { post, serve } from '../helpers/wire.ts'

const INBOX = { eventsMax: 1_000, eventsPerSourceMax: 500, batchEventsMax: 50 }

/** A server whose disk stands still until `goOn`. */
async function world(limits: object = INBOX) {
  let goOn: () => void = () => undefined
  let isHeld = false
  let held: Promise<void> = Promise.resolve()
  const { engine } = await openMemoryEngine({ limits, commit: () => held })
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

const send = (url: string, events: readonly object[]): Promise<Response> =>
  post(`${url}/v1/events`, 'application/cloudevents-batch+json', JSON.stringify(events))

const batch = async (url: string, events: readonly object[]): Promise<readonly Outcome[]> =>
  (await (await send(url, events)).json()) as Outcome[]

const count = (outcomes: readonly Outcome[], code: string): number =>
  outcomes.filter(each => each.outcome === code).length

describe('ten times what the inbox holds', () => {
  test('[E8] sheds with 429 and Retry-After, keeps the others served, and recovers at once', async () => {
    const { engine, goOn, hold, url } = await world()
    hold()
    // The flood of one source: ten times the inbox, in requests side by side, small enough to be read.
    const floods = Array.from({ length: 400 }, (_, index) => batch(url, flood(index * 25, 25)))
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
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const shed = Number(/inbox_turned_away_total\{reason="source_full"\} (\d+)/.exec(metrics)?.[1])
    expect(shed).toBe(count(outcomes, 'overloaded') + 1)
  })

  test('[H20] [H24] large batches beyond it are turned away unread, each with a time to come back; then they are taken', async () => {
    const { engine, goOn, hold, url } = await world({ batchEventsMax: 50 })
    hold()
    const batches = Array.from({ length: 20 }, (_, index) => flood(index * 400, 400))
    const floods = batches.map(events => send(url, events))
    // The first answer of all comes while the disk stands still: nothing was judged for it.
    expect((await Promise.race(floods)).status).toBe(429)
    const other = sendEvent(url, {
      specversion: '1.0',
      ...event('crm', 'order.captured', 'order/C-2', '00:11', captured('C-2', 1).data as object),
    })
    goOn()
    expect(await other).toMatchObject({ status: 200, outcome: { outcome: 'accepted' } })
    const answers = await Promise.all(floods)
    const away = answers.flatMap(({ status }, index) => (status === 429 ? [index] : []))
    expect(away.length).toBeLessThan(batches.length)
    for (const index of away) expect(Number(answers[index]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    // Nothing of them was kept: sent again, one after another, each is accepted and not a duplicate.
    for (const index of away) expect(count(await batch(url, batches[index] as readonly object[]), 'accepted')).toBe(400)
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
