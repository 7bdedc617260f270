// Fan-out: changes published in rounds, each as soon as every subscriber has the last one's. Deliveries a second, all told.
import { setTimeout as pause } from 'node:timers/promises'
import { Child } from '../clients/child.ts'
import type { Come, CrowdSum, CrowdTask } from '../clients/crowd.ts'
import { FEED_QUERY } from '../peers/feed.ts'

export interface FanOutOptions {
  readonly url: string
  readonly subscribers: number
  readonly rounds: number
  readonly changesPerRound: number
  /**
   * Publishes a round's changes; of round 0 some may be published several times, each time with something new. Resolves with text that
   * only payloads of its last change contain.
   */
  readonly publish: (round: number) => Promise<string>
}

export interface FannedOut {
  readonly deliveries: number
  readonly seconds: number
  readonly sum: CrowdSum
  readonly throughput: readonly (readonly [number, number])[]
}

const LOOK_MS = 100
const BEGIN_MS_MAX = 60_000
const CROWD = new URL('../clients/crowd.ts', import.meta.url)

export async function fanOut(options: FanOutOptions): Promise<FannedOut> {
  const { changesPerRound, publish, rounds, subscribers, url } = options
  const crowd = new Child(CROWD)
  const throughput: [number, number][] = []
  try {
    crowd.tell({ kind: 'subscribe', url, query: FEED_QUERY, subscribers, tellsWhenReady: false } satisfies CrowdTask)
    const isThere = await everybodyHears(crowd, options)
    let payloads = 0
    const startedMs = performance.now()
    for (let round = 1; isThere && round <= rounds; round++) {
      const roundMs = performance.now()
      await publish(round)
      const count = changesPerRound * subscribers
      const answer = await crowd.ask<Come>({ kind: 'await', payloads: payloads + count } satisfies CrowdTask)
      if (answer.ended) break
      payloads += count
      const nowMs = performance.now()
      throughput.push([(nowMs - startedMs) / 1e3, (count / (nowMs - roundMs)) * 1e3])
    }
    const seconds = (performance.now() - startedMs) / 1e3
    return { deliveries: payloads, seconds, sum: await sumOf(crowd), throughput }
  } finally {
    await crowd.end()
  }
}

const sumOf = (crowd: Child, last?: string): Promise<CrowdSum> =>
  crowd.ask<CrowdSum>({ kind: 'sum', last } satisfies CrowdTask)

/**
 * No server says when a subscription has begun: round 0 is published until all got something of it, and all have the last of it, behind
 * which nothing more comes. Then all are counted from nothing. False when they end instead.
 */
async function everybodyHears(
  crowd: Child,
  { publish, subscribers }: Pick<FanOutOptions, 'publish' | 'subscribers'>,
): Promise<boolean> {
  const giveUpMs = performance.now() + BEGIN_MS_MAX
  for (let last = await publish(0); performance.now() < giveUpMs; ) {
    await pause(LOOK_MS)
    const { atLast, ended, least } = await sumOf(crowd, last)
    if (ended.length > 0) return false
    if (least === 0) last = await publish(0)
    else if (atLast === subscribers) {
      crowd.tell({ kind: 'reset' } satisfies CrowdTask)
      return true
    }
  }
  return false
}
