// A process with many subscribers of one operation. It is told to await a number of payloads, tells when they have come, and
// whether the first and the last subscriber were told the same.
import { createHash } from 'node:crypto'
import { Subscriber } from './subscriber.ts'

export type CrowdTask =
  | {
      readonly kind: 'subscribe'
      readonly url: string
      readonly query: string
      readonly subscribers: number
      readonly tellsWhenReady: boolean
    }
  /** Payloads over all subscribers since the last reset. */
  | { readonly kind: 'await'; readonly payloads: number }
  | { readonly kind: 'sum'; readonly last?: string }
  /** Counts from nothing again. */
  | { readonly kind: 'reset' }

/** The payloads awaited have come, or subscriptions have ended and they never will. */
export interface Come {
  readonly ended: boolean
}

export interface Heard {
  readonly payloads: readonly string[]
  readonly hasEnded: boolean
}

export interface CrowdSum {
  readonly payloads: number
  /** The fewest and the most that any subscriber got. */
  readonly least: number
  readonly most: number
  /** How many were told nothing behind a payload that contains the text asked about. */
  readonly atLast: number
  readonly bytes: number
  /** Whether the first and the last got the same bytes in the same order. */
  readonly isSame: boolean
  /** What the first and the last was told, each to its end. */
  readonly heard: readonly Heard[]
  /** Why subscriptions ended that should not have. */
  readonly ended: readonly string[]
}

let counts: number[] = []
/** What each subscriber was told last. */
const latest: Buffer[] = []
let payloads = 0
let bytes = 0
let goal = Number.POSITIVE_INFINITY
let heard = new Map<number, string[]>()
const over = new Set<number>()
const ended: string[] = []
let [first, last] = [createHash('sha256'), createHash('sha256')]

function subscribe({ query, subscribers, tellsWhenReady, url }: Extract<CrowdTask, { kind: 'subscribe' }>): void {
  counts = Array.from({ length: subscribers }, () => 0)
  const target = new URL('/graphql', url)
  let ready = 0
  const onReady = () => {
    if (++ready === subscribers) process.send?.({ ended: false } satisfies Come)
  }
  counts.forEach((_, index) => {
    new Subscriber({
      url: target,
      query,
      onReady: tellsWhenReady ? onReady : undefined,
      onNext: payload => {
        counts[index] = (counts[index] ?? 0) + 1
        latest[index] = payload
        bytes += payload.length
        if (index === 0) first.update(payload)
        if (index === subscribers - 1) last.update(payload)
        if (index === 0 || index === subscribers - 1) noteHeard(index, payload.toString())
        payloads++
        if (payloads === goal) come()
      },
      onEnd: why => {
        ended.push(why)
        over.add(index)
        // Nobody waits for what cannot come any more.
        if (goal < Number.POSITIVE_INFINITY || (tellsWhenReady && ready < subscribers)) come()
      },
    })
  })
}

function noteHeard(index: number, payload: string): void {
  const known = heard.get(index)
  if (known === undefined) heard.set(index, [payload])
  else known.push(payload)
}

function come(): void {
  goal = Number.POSITIVE_INFINITY
  process.send?.({ ended: ended.length > 0 } satisfies Come)
}

function reset(): void {
  counts = counts.map(() => 0)
  payloads = 0
  bytes = 0
  heard = new Map()
  first = createHash('sha256')
  last = createHash('sha256')
}

process.on('message', (task: CrowdTask) => {
  switch (task.kind) {
    case 'subscribe':
      return subscribe(task)
    case 'await':
      goal = task.payloads
      if (payloads >= goal || ended.length > 0) come()
      return
    case 'reset':
      return reset()
    case 'sum': {
      const isSame = counts.length < 2 || first.copy().digest('hex') === last.copy().digest('hex')
      const sum: CrowdSum = {
        payloads,
        least: Math.min(...counts),
        most: Math.max(...counts),
        atLast: latest.filter(payload => task.last !== undefined && payload.includes(task.last)).length,
        bytes,
        isSame,
        heard: [...new Set([0, counts.length - 1])].map(index => ({
          payloads: heard.get(index) ?? [],
          hasEnded: over.has(index),
        })),
        ended,
      }
      process.send?.(sum)
    }
  }
})
