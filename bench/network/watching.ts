// What somebody who watched the whole day saw, beside what is there in the end. Pure.
import type { CrowdSum } from '../clients/crowd.ts'
import type { Checks } from '../oracle.ts'
import type { OrderEnd } from './order-end.ts'

export const WATCH_QUERY =
  'subscription { ordersChanged { entries latest { position } order { number state { lifecycle credit fulfilment billing } } } }'

interface Payload {
  readonly payload: {
    readonly data: {
      readonly ordersChanged: {
        /** How many entries it stands for. */
        readonly entries: number
        readonly latest: { readonly position: string }
        readonly order: { readonly number: string; readonly state: Readonly<Record<string, string>> }
      }
    }
  }
}

export interface Watched {
  readonly crowd: Pick<CrowdSum, 'ended' | 'heard' | 'least'>
  /** State text of each order as it is in the end. */
  readonly states: ReadonlyMap<string, string>
  /** How often watchers are told of each order, at least and at most (order-end.ts). */
  readonly changes: ReadonlyMap<string, OrderEnd['changes']>
}

// A watcher that falls behind is ended with a cursor to resume from: that is a figure, not a flaw. It just saw less.
const FELL_BEHIND = /too_far_behind/i

/** Who watched to the end saw nothing go back, and of each order last what it is. */
export function checkWatched({ crowd, ...is }: Watched, checks: Checks): void {
  const { ended, heard, least } = crowd
  const other = ended.filter(why => !FELL_BEHIND.test(why))
  checks.check(
    'watchers end only where they fall behind',
    other.length === 0 ? undefined : `${other.length}: ${other[0]}`,
  )
  if (ended.length === 0)
    checks.check(
      'every watcher is told of every order',
      least >= is.states.size ? undefined : `one heard ${least} times`,
    )
  for (const { hasEnded, payloads } of heard) if (!hasEnded) checkHeard(payloads, is, checks)
}

function checkHeard(payloads: readonly string[], { changes, states }: Omit<Watched, 'crowd'>, checks: Checks): void {
  const positions = new Map<string, string>()
  const seen = new Map<string, string>()
  const told = new Map<string, number>()
  const back: string[] = []
  for (const text of payloads) {
    const { entries: count, latest, order } = (JSON.parse(text) as Payload).payload.data.ordersChanged
    if ((positions.get(order.number) ?? '') >= latest.position) back.push(order.number)
    positions.set(order.number, latest.position)
    seen.set(order.number, stateText(order.state))
    told.set(order.number, (told.get(order.number) ?? 0) + count)
  }
  const otherwise = [...changes].flatMap(([order, [least, most]]) => {
    const count = told.get(order) ?? 0
    return least <= count && count <= most ? [] : [`${order} ${count} times, not ${least} to ${most}`]
  })
  checks.check(
    'watchers are told of each entry once',
    otherwise.length === 0 ? undefined : `${otherwise.length}: ${otherwise[0]}`,
  )
  const wrong = [...states].filter(([order, state]) => seen.get(order) !== state)
  checks.check('watchers never see an order go back', back.length === 0 ? undefined : `${back.length}: ${back[0]}`)
  checks.check(
    'watchers saw how every order ended',
    wrong.length === 0 ? undefined : `${wrong.length}: ${wrong[0]} seen as ${seen.get(wrong[0]?.[0] ?? '')}`,
  )
}

const stateText = ({ billing, credit, fulfilment, lifecycle }: Readonly<Record<string, string>>): string =>
  [lifecycle, credit, fulfilment, billing].join('.')
