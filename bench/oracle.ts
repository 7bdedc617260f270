// Oracle: what must be true after a run, whatever its speed.
import { verifyStore } from '../cli/verify-store.ts'
import type { Engine } from '../engine/engine.ts'
import type { OutcomeCode } from '../engine/outcome.ts'
import type { BoardFilter } from '../engine/projections/order-board.ts'
import type { Tally } from './load/load.ts'
import type { Oracle } from './report.ts'
import { stage } from './stage.ts'

/** How many orders the board has that pass `filter`. */
export const countOf = (engine: Engine, filter: BoardFilter): number =>
  engine.orderCounts(filter, []).reduce((sum, { count }) => sum + count, 0)

const WHOLE = 'closed/delivered/paid'
const BRIEF = 'rejected/unallocated/unbilled'

export class Checks {
  readonly #held: string[] = []
  readonly #broken: string[] = []

  check(fact: string, flaw: string | undefined): void {
    if (flaw !== undefined) this.#broken.push(`${fact}: ${flaw}`)
    // What was checked in several runs of one scenario is said once.
    else if (!this.#held.includes(fact)) this.#held.push(fact)
  }

  /** What was answered is what the load expects, outcome by outcome. */
  outcomes(answered: Tally, expected: Tally): void {
    const codes = Object.keys({ ...answered, ...expected }) as OutcomeCode[]
    const wrong = codes.filter(code => (answered[code] ?? 0) !== (expected[code] ?? 0))
    const flaws = wrong.map(code => `${code} ${answered[code] ?? 0} instead of ${expected[code] ?? 0}`)
    this.check('outcomes are as expected', flaws.length === 0 ? undefined : flaws.join(', '))
  }

  /** Every order was delivered, paid and closed, but for `brief` others that were rejected (load/brief-orders.ts), and nothing waits. */
  ended(engine: Engine, orders: number, brief = 0): void {
    const ends = engine.orderCounts({}, ['lifecycle', 'fulfilment', 'billing'])
    const counts = new Map(ends.map(({ count, values }) => [Object.values(values).join('/'), count]))
    const flaws: string[] = []
    for (const [end, count] of counts) if (end !== WHOLE && end !== BRIEF) flaws.push(`${count} are ${end}`)
    const [whole = 0, rejected = 0] = [counts.get(WHOLE), counts.get(BRIEF)]
    if (whole !== orders) flaws.push(`there are ${whole}, not ${orders}`)
    if (rejected !== brief) flaws.push(`${rejected} were rejected, not ${brief}`)
    const parked = countOf(engine, { hasParked: true })
    if (parked > 0) flaws.push(`${parked} have parked events`)
    const others = brief === 0 ? '' : `, but for ${brief} that were rejected`
    this.check(`every order is closed, delivered, paid${others}`, flaws.length === 0 ? undefined : flaws.join(', '))
  }

  /** The closed store in `data` verifies: bytes, chain, families, snapshots. */
  async store(data: string): Promise<void> {
    stage('the store is read again, entry by entry')
    const verdict = await verifyStore(data)
    this.check('the store verifies', 'problem' in verdict ? verdict.problem : undefined)
  }

  verdict(): Oracle {
    return { green: this.#broken.length === 0, held: this.#held, broken: this.#broken }
  }
}
