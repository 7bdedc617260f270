// The demo's replay: the public order log, told by simulated CRM, webshop, ERP, WMS, 3PL and carriers over the HTTP API.
// The server is already up; who started it closes it.
import { setTimeout as pause } from 'node:timers/promises'
import { postEventsTo } from '../connectors/http/post-events.ts'
import { firstOrders, type OrderManagementLog } from '../connectors/ocel/order-management.ts'
import { orderManagementFile, readOcelFile } from '../connectors/ocel/source.ts'
import { translate } from '../connectors/ocel/translate.ts'
import { type Delivery, deliveries } from '../connectors/simulated/deliveries.ts'
import { type ReplayProgress, type ReplayReport, rateOver, replay } from '../connectors/simulated/replay.ts'
import { isoTime } from '../machines/time.ts'
import { outcomeTable } from './outcome-table.ts'
import { type Out, startProgress } from './progress.ts'

export interface DemoOptions {
  /** Base URL of the running server. */
  readonly url: string
  /** 1 plays the log in about a minute, 2 twice as fast; Infinity as fast as the server takes it. */
  readonly speed: number
  /** How many orders, from the first; all when absent. */
  readonly orders?: number
  readonly out: Out
  /** Ends the replay early. */
  readonly signal?: AbortSignal
  /** Told the log's time with each tick, for an engine clock that follows it. */
  readonly onLogTime?: (logMs: number) => void
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** A normal day: messages take minutes, some overtake others, one in fifty comes twice. The seed is only a number. */
const NORMAL_DAY = { seed: 104_582, latencyMeanMs: 5 * MINUTE_MS, shuffleWindowMs: HOUR_MS / 2, duplicateShare: 0.02 }

/** Plays the log to its end or until the signal aborts. Throws `SendingFailed` when the server is gone for good. */
export async function runDemo(options: DemoOptions): Promise<ReplayReport> {
  const { out, url, signal, orders } = options
  const log = await publicLog(orders)
  const said = translate(log).said.map(each => each.event)
  const arriving = deliveries(said, NORMAL_DAY)
  out.write(opening({ log, events: said.length, arriving }))

  const progress = startProgress({ out, label: 'replay', total: arriving.length, nowMs: Date.now })
  const post = postEventsTo({ url, fetch }, '/v1/events')
  const clock = { nowMs: Date.now, pause: (ms: number) => pause(ms, undefined, { signal }) }
  const onProgress = ({ done, logMs }: ReplayProgress) =>
    progress.at(done, `${done.toLocaleString('en')} events, ${isoTime(logMs).slice(0, 10)}`)
  const rate = rateOver(arriving, MINUTE_MS) * options.speed
  let report: ReplayReport
  try {
    const onTick = options.onLogTime
    report = await replay({ deliveries: arriving, postAs: () => post, clock, rate, onTick, onProgress, signal })
  } finally {
    progress.end()
  }
  out.write(closing(report, signal))
  return report
}

/** `max`, or how many times faster than a minute; undefined when it is neither. */
export function parseSpeed(text: string): number | undefined {
  const speed = text === 'max' ? Number.POSITIVE_INFINITY : Number(text)
  return speed > 0 ? speed : undefined
}

async function publicLog(orders?: number): Promise<OrderManagementLog> {
  const read = await readOcelFile(orderManagementFile)
  if ('findings' in read) throw new Error(`the public log is damaged: ${JSON.stringify(read.findings)}`)
  return orders === undefined ? read.log : firstOrders(read.log, orders)
}

interface Opening {
  readonly log: OrderManagementLog
  readonly events: number
  readonly arriving: readonly Delivery[]
}

function opening({ log, events, arriving }: Opening): string {
  const days = Math.round(((arriving.at(-1)?.atMs ?? 0) - (arriving[0]?.atMs ?? 0)) / (24 * HOUR_MS))
  const facts = [
    `${count(log.orders.length)} orders`,
    `${count(log.packages.size)} consignments`,
    `${count(days)} days`,
  ]
  return `Replaying ${facts.join(', ')}: ${count(events)} events, ${count(arriving.length - events)} of them sent twice.\n`
}

function closing(report: ReplayReport, signal?: AbortSignal): string {
  const how = signal?.aborted ? 'Replay stopped' : 'Replay done'
  const retries = report.retries === 0 ? '' : `, ${count(report.retries)} sendings repeated`
  const troubles = report.troubles.map(each => `  ${each.id}: ${each.outcome} ${each.reason ?? ''}\n`).join('')
  return `${how}: ${count(report.done)} answers${retries}.\n${outcomeTable(report.outcomes)}${troubles}`
}

const count = (value: number): string => value.toLocaleString('en')
