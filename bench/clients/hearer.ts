// The hearer: a process with one subscription to exceptions. It tells when each was heard, on the clock all processes share.
import { Subscriber } from './subscriber.ts'

export interface Heard {
  readonly order: string
  readonly kind: string
  /** Epoch milliseconds. */
  readonly heardMs: number
}

export type HearerTask =
  | { readonly kind: 'subscribe'; readonly url: string }
  /** Tells what was heard since the last time once it is so many, or once nothing has come for a while. */
  | { readonly kind: 'await'; readonly count: number }

const QUERY = 'subscription { exceptionChanged { kind state orders } }'
// 15 s: on a machine that does much else it may take long; what has not come by then is missing.
const PATIENCE_MS = 15_000
const LOOK_MS = 20

let heard: Heard[] = []
let lastMs = 0
let ended: string | undefined

const nowMs = (): number => performance.timeOrigin + performance.now()

function take(payload: Buffer): void {
  lastMs = nowMs()
  const { data } = (JSON.parse(payload.toString()) as { payload: Payload }).payload
  const { kind, orders, state } = data.exceptionChanged
  if (state === 'opened') heard.push({ order: orders[0] ?? '', kind, heardMs: lastMs })
}

interface Payload {
  readonly data: { readonly exceptionChanged: { kind: string; state: string; orders: string[] } }
}

function answerOnce(count: number): void {
  const isOver = heard.length >= count || ended !== undefined || nowMs() - lastMs > PATIENCE_MS
  if (!isOver) return void setTimeout(answerOnce, LOOK_MS, count)
  process.send?.({ heard, ended })
  heard = []
}

process.on('message', (task: HearerTask) => {
  lastMs = nowMs()
  if (task.kind === 'await') return answerOnce(task.count)
  new Subscriber({
    url: new URL('/graphql', task.url),
    query: QUERY,
    onNext: take,
    onEnd: why => {
      ended = why
    },
    onReady: () => process.send?.({}),
  })
})
