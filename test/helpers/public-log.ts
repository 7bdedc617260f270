// The public order log as its systems would deliver it: late, out of order, some of it twice.
import { firstOrders } from '../../connectors/ocel/order-management.ts'
import { ocelSources } from '../../connectors/ocel/partners.ts'
import { orderManagementFile, readOcelFile } from '../../connectors/ocel/source.ts'
import { translate } from '../../connectors/ocel/translate.ts'
import { deliveries } from '../../connectors/simulated/deliveries.ts'
import type { EventInput } from '../../machines/event.ts'

export const LOG_SOURCES = ocelSources
/** After the log's last event, so that none lies ahead of the clock. */
export const LOG_OVER_MS = Date.UTC(2024, 6, 1)

const HOUR_MS = 3_600_000

/** What is said of the first `orders` orders, in order of arrival. */
export async function deliveredLog({
  orders,
  seed,
  duplicateShare = 0.2,
}: {
  readonly orders: number
  readonly seed: number
  readonly duplicateShare?: number
}): Promise<readonly EventInput[]> {
  const read = await readOcelFile(orderManagementFile)
  if ('findings' in read) throw new Error(`the public log is damaged: ${JSON.stringify(read.findings)}`)
  const said = translate(firstOrders(read.log, orders)).said.map(each => each.event)
  return deliveries(said, { seed, duplicateShare, shuffleWindowMs: 12 * HOUR_MS }).map(each => each.event)
}
