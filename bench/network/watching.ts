// What somebody who watched the whole day saw, beside what is there in the end. Pure.
import type { Checks } from '../oracle.ts'

export const WATCH_QUERY =
  'subscription { ordersChanged { entries latest { position } order { number state { lifecycle credit fulfilment billing } } } }'

interface Payload {
  readonly payload: {
    readonly data: {
      readonly ordersChanged: {
        readonly latest: { readonly position: string }
        readonly order: { readonly number: string; readonly state: Readonly<Record<string, string>> }
      }
    }
  }
}

export interface Watched {
  readonly heard: readonly string[]
  /** State text of each order as it is in the end. */
  readonly states: ReadonlyMap<string, string>
}

/** Nothing seen goes back, and the last that was seen of each order is what it is. */
export function checkWatched({ heard, states }: Watched, checks: Checks): void {
  const positions = new Map<string, string>()
  const seen = new Map<string, string>()
  const back: string[] = []
  for (const text of heard) {
    const { latest, order } = (JSON.parse(text) as Payload).payload.data.ordersChanged
    if ((positions.get(order.number) ?? '') >= latest.position) back.push(order.number)
    positions.set(order.number, latest.position)
    seen.set(order.number, stateText(order.state))
  }
  const wrong = [...states].filter(([order, state]) => seen.get(order) !== state)
  checks.check('watchers never see an order go back', back.length === 0 ? undefined : `${back.length}: ${back[0]}`)
  checks.check(
    'watchers saw how every order ended',
    wrong.length === 0 ? undefined : `${wrong.length}: ${wrong[0]} seen as ${seen.get(wrong[0]?.[0] ?? '')}`,
  )
}

const stateText = ({ billing, credit, fulfilment, lifecycle }: Readonly<Record<string, string>>): string =>
  [lifecycle, credit, fulfilment, billing].join('.')
