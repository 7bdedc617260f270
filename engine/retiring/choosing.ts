// Choosing: which orders a policy retires. Reads a running engine; changes nothing.
import type { Policies } from '../deadlines/policies.ts'
import type { Engine } from '../engine.ts'
import { factsOf } from '../exceptions/facts.ts'
import { ledgerOf } from '../exceptions/ledger.ts'
import { isAtRest } from './at-rest.ts'
import type { Chosen } from './retirement.ts'

const DAY_MS = 86_400_000
// 500: a page of the board, each order read whole and let go of.
const PAGE = 500
const OVER = ['closed', 'cancelled', 'rejected']

export interface Choice {
  readonly closedForDays: number
  readonly policies: Policies
  readonly nowMs: number
}

/** Orders at rest whose last entry is older than the policy says, by number. */
export async function* chosen(engine: Engine, { closedForDays, nowMs, policies }: Choice): AsyncGenerator<Chosen> {
  const beforeMs = nowMs - closedForDays * DAY_MS
  const filter = { lifecycle: OVER, hasParked: false, updatedToMs: beforeMs }
  for (let after: string | undefined, hasNext = true; hasNext; ) {
    const page = engine.orders(filter, { by: 'number', descending: false }, { first: PAGE, after })
    for (const id of page.orders) {
      const family = await engine.family(id)
      const entries = await engine.entries(id, { after: 0, first: Number.MAX_SAFE_INTEGER })
      if (family === undefined || (entries.at(-1)?.recordedMs ?? nowMs) >= beforeMs) continue
      if (!isAtRest(factsOf(family, ledgerOf(entries)), { policies })) continue
      yield { family, entries, keys: await engine.keysOf(id) }
    }
    after = page.cursors.at(-1)
    hasNext = page.hasNext
  }
}
