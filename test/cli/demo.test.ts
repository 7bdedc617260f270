import { Writable } from 'node:stream'
import { afterEach, describe, expect, test } from 'vitest'
import { parseSpeed, runDemo } from '../../cli/demo.ts'
import { stopSignal } from '../../cli/serving.ts'
import { ocelSources } from '../../connectors/ocel/partners.ts'
import { type FakeEventsApi, openFakeEventsApi } from '../connectors/fake-events-api.ts'

let api: FakeEventsApi | undefined

afterEach(async () => {
  await api?.close()
  api = undefined
})

describe('the demo', () => {
  test('replays the first orders through every system and tells what came of it', async () => {
    api = await openFakeEventsApi()
    const chunks: string[] = []
    const out = new Writable({
      write(chunk, _, done) {
        chunks.push(String(chunk))
        done()
      },
    })
    const logTimes: number[] = []
    const report = await runDemo({
      url: api.url,
      speed: Number.POSITIVE_INFINITY,
      orders: 20,
      out,
      onLogTime: ms => logTimes.push(ms),
    })
    const sources = new Set(api.requests.flatMap(each => each.events.map(event => event.source)))
    expect(sources).toEqual(new Set(ocelSources.map(each => each.id)))
    expect(report.troubles).toEqual([])
    expect(logTimes).toEqual(logTimes.toSorted((a, b) => a - b))
    expect(chunks.join('')).toMatch(
      /^Replaying 20 orders, \d+ consignments, \d+ days: \d+ events, \d+ of them sent twice\.\n/,
    )
    expect(chunks.join('')).toMatch(/Replay done: \d+ answers\.\n +\d+ {2}accepted /)
  })

  test.each([
    ['1', 1],
    ['0.5', 0.5],
    ['max', Number.POSITIVE_INFINITY],
    ['0', undefined],
    ['-1', undefined],
    ['fast', undefined],
  ])('reads the speed %s', (text, speed) => {
    expect(parseSpeed(text)).toBe(speed)
  })

  test('one Ctrl-C that comes twice, as npm hands it on, closes in order; a later one ends at once', () => {
    const stops: (() => void)[] = []
    const codes: unknown[] = []
    let nowMs = 0
    const signal = stopSignal(
      {
        on: (_: unknown, stop: () => void) => void stops.push(stop),
        exit: (code: unknown) => void codes.push(code),
      } as never,
      () => nowMs,
    )
    stops[0]?.()
    stops[0]?.()
    expect([signal.aborted, codes]).toEqual([true, []])
    nowMs = 1_000
    stops[0]?.()
    expect(codes).toEqual([130])
  })
})
