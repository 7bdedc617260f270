// Sending: single events to a server that may stop answering, with a ledger of what it acknowledged.

import { verifyStore } from '../../cli/verify-store.ts'
import { positionText } from '../../engine/answers.ts'
import { isTransient, type Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import type { Ledger } from '../crash/ledger.ts'
import { sent } from '../helpers/turned-away.ts'

export interface Sent {
  readonly acknowledged: number
  /** The first answer that was no verdict: what the server says of its disk. */
  readonly refusal: { readonly status: number; readonly outcome: Outcome } | undefined
}

/** Sends one after another until all are answered, one is refused, or `isOver`. */
export async function send(
  url: string,
  events: readonly EventInput[],
  ledger: Ledger,
  isOver: (acknowledged: number) => boolean = () => false,
): Promise<Sent> {
  let acknowledged = 0
  for (const event of events) {
    if (isOver(acknowledged)) break
    ledger.send(event)
    const body = JSON.stringify({ specversion: '1.0', ...event })
    const response = await sent(`${url}/v1/events`, 'application/cloudevents+json', body)
    const outcome = (await response.json()) as Outcome
    if (isTransient(outcome.outcome)) return { acknowledged, refusal: { status: response.status, outcome } }
    ledger.tell(event, outcome)
    acknowledged++
  }
  return { acknowledged, refusal: undefined }
}

/** What is wrong with the store, by the ledger; empty when nothing is. */
export async function flawsOf(data: string, ledger: Ledger): Promise<readonly string[]> {
  const check = ledger.check(positionText)
  const verdict = await verifyStore(data, { onEntry: entry => check.entry(entry) })
  return 'problem' in verdict ? [verdict.problem] : check.flaws()
}
