import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Ask, Asked, Asking } from '../../bench/clients/asker.ts'
import { apart } from '../../bench/clients/child.ts'
import { Latencies } from '../../bench/histogram.ts'

const ASKER = new URL('../../bench/clients/asker.ts', import.meta.url)
const AT_A_TIME = 2
const HALF = 40

/** Hears each request with how to answer it, and how many it has heard. */
async function serverOf(hear: (answer: ServerResponse, heard: number) => void): Promise<string> {
  let heard = 0
  const server = createServer((request, answer) => {
    request.resume()
    request.once('end', () => hear(answer, ++heard))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const asks = (says: string): readonly Ask[] =>
  Array.from({ length: 2 * HALF }, () => ({ query: '{ order }', variables: {}, says: [says] }))

const askingOf = (url: string, says = 'here'): Asking => ({ url, asks: asks(says), atATime: AT_A_TIME, warmUp: 4 })

test('the first half is asked a few at a time, the second each at its time, whether those before are answered or not', async () => {
  let open = 0
  let openMax = 0
  const held: ServerResponse[] = []
  const url = await serverOf((answer, heard) => {
    openMax = Math.max(openMax, ++open)
    const last = heard <= HALF || held.push(answer) === HALF
    if (!last) return
    // Nobody is answered in the second half before all have asked: who waits for answers never would.
    if (heard <= HALF) expect(openMax).toBeLessThanOrEqual(AT_A_TIME)
    for (const each of heard <= HALF ? [answer] : held) {
      open--
      each.end('it is here')
    }
  })
  const asked = await apart<Asked>(ASKER, askingOf(url))
  expect(openMax).toBe(HALF)
  expect(asked.wrong).toBe(0)
  expect(asked.offeredPerSecond).toBeCloseTo(asked.mostPerSecond / 2)
  expect(Latencies.from(asked.busyLatencies).count).toBe(HALF - 4)
  const latencies = Latencies.from(asked.latencies)
  expect(latencies.count).toBe(HALF)
  // The first waited for all the others to be due.
  const spanMs = ((HALF - 2) / asked.offeredPerSecond) * 1e3
  expect(latencies.percentileMs(100)).toBeGreaterThanOrEqual(spanMs)
})

test('answers that do not say what they must are counted, and the first is shown', async () => {
  const url = await serverOf((answer, heard) => void answer.end(heard % 4 === 0 ? 'gone' : 'it is here'))
  const asked = await apart<Asked>(ASKER, askingOf(url))
  expect(asked).toMatchObject({ wrong: HALF / 2, sample: 'here is not in gone' })
})
