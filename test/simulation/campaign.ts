// Campaign: many runs, one after another, and what they came by together.
import { Coverage } from './coverage.ts'
import { isKnown } from './regressions.ts'
import { type Failure, failureOf } from './shrink.ts'
import { FAULTS } from './swarm.ts'
import { runWorld } from './world.ts'

export interface CampaignReport {
  readonly runs: number
  readonly entries: number
  readonly messages: number
  readonly openings: number
  readonly coverage: Coverage
  /** Seeds that failed in a way that is known and not mended yet. */
  readonly known: readonly number[]
  readonly failure?: Failure
}

export interface CampaignOptions {
  /** Hears of each run with all there is so far. */
  readonly onRun?: (soFar: CampaignReport) => void
  /** What an earlier part of the same campaign reached. */
  readonly since?: CampaignReport
}

/** Runs seeds from `seed` on until `isOver`, or until one fails. */
export async function campaign(
  seed: number,
  isOver: (runs: number) => boolean,
  { onRun, since }: CampaignOptions = {},
): Promise<CampaignReport> {
  const coverage = new Coverage()
  if (since !== undefined) coverage.add(since.coverage)
  const known = [...(since?.known ?? [])]
  const { entries = 0, messages = 0, openings = 0, runs = 0 } = since ?? {}
  const sums = { runs, entries, messages, openings }
  while (!isOver(sums.runs)) {
    const options = { seed: seed + sums.runs }
    try {
      const report = await runWorld(options)
      coverage.add(report.coverage)
      sums.entries += report.entries
      sums.messages += report.messages
      sums.openings += report.openings
    } catch {
      // Run again, the same way: a failure that is not the same twice is one of the simulation.
      const failure = await failureOf(options)
      if (failure === undefined) throw new Error(`seed ${options.seed} failed once and then did not`)
      if (!isKnown(failure)) return { ...sums, coverage, known, failure }
      known.push(options.seed)
    }
    sums.runs++
    onRun?.({ ...sums, coverage, known })
  }
  return { ...sums, coverage, known }
}

/** What fifty runs or more must have come by, else they prove nothing. */
export const EXPECTED: readonly string[] = [
  ...FAULTS.filter(fault => !['delay', 'reorder'].includes(fault)).map(fault => `fault ${fault}`),
  'fault stale_writer resumed',
  'woken',
  ...['accepted', 'superseded', 'parked', 'not_owner', 'id_reused', 'version_conflict'].map(each => `verdict ${each}`),
  ...['not_allowed_in_state', 'quantity_exceeded'].map(each => `verdict ${each}`),
  ...['duplicate', 'malformed', 'unauthorized_source', 'journal_unavailable'].map(each => `outcome ${each}`),
  ...['captured', 'validated', 'accepted', 'cancelled', 'closed'].map(each => `state order lifecycle ${each}`),
  ...['backordered', 'released', 'partly_shipped', 'shipped', 'partly_delivered', 'delivered'].map(
    each => `state order fulfilment ${each}`,
  ),
  ...['billable', 'partly_invoiced', 'invoiced', 'paid', 'disputed'].map(each => `state order billing ${each}`),
  ...['picking', 'packed', 'shipped', 'in_transit', 'delivered', 'cancelled', 'refused', 'lost'].map(
    each => `state shipment execution ${each}`,
  ),
  ...['initiated', 'authorized', 'rejected'].map(each => `state return authorization ${each}`),
  ...['received', 'inspected', 'dispositioned'].map(each => `state return goods ${each}`),
  ...['shipment.split', 'pick.short', 'order.amended', 'item.substituted', 'invoice.credited'].map(
    each => `event ${each}`,
  ),
]
