// Crowded traces: few shared numbers that many shipments take, lose and take again, and everything told under them: where events are
// most often read anew. Each event was accepted in its order; in another some may count for others, as a number then meant more.
import { type Random, seededRandom } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'
import { readyOrder, SOURCES } from './distributor.ts'
import { MemoryWorld } from './memory-world.ts'

const EVENTS_MAX = 24
const TRIES = 70
const LOADS = ['LOAD-EAST-1', 'LOAD-EAST-2', 'LOAD-WEST-1']
const TRACKINGS = ['T-1', 'T-2']
const ENDS = ['shipment.lost', 'shipment.returned_to_sender', 'delivery.refused'] as const
const STEPS = ['shipment.acknowledged', 'pick.started', 'shipment.in_transit', 'delivery.completed'] as const

/** The trace of `seed`, by place: always the same. */
export function crowdedTrace(seed: number): readonly EventInput[] {
  const random = seededRandom(seed)
  const orders = random.chance(0.3) ? ['O-1', 'O-2'] : ['O-1']
  const events = orders.flatMap(order => readyOrder(order, { poNumber: `PO-${order}` }))
  const world = new MemoryWorld({ sources: SOURCES, once: true })
  for (const event of events) world.submit(event)
  let timeMs = Date.parse(events.at(-1)?.time ?? '')
  for (let at = 0; at < TRIES && events.length < EVENTS_MAX; at++) {
    timeMs += (1 + random.whole(90)) * 60_000
    const id = `t-${String(at).padStart(3, '0')}`
    const event = { id, time: new Date(timeMs).toISOString(), ...thought(pick(orders, random), at, random) }
    const { entries, outcome } = world.preview(event)
    if (outcome !== 'accepted' || entries.some(({ verdict }) => !COUNTS.has(verdict))) continue
    world.submit(event)
    events.push(event)
  }
  return events
}

const COUNTS: ReadonlySet<string> = new Set(['accepted', 'superseded'])

type Thought = Pick<EventInput, 'data' | 'source' | 'subject' | 'type'>

/** What somebody might say of `order`; a shipment that it releases is numbered by `at`. */
function thought(order: string, at: number, random: Random): Thought {
  const number = (share: number) => (random.chance(share) ? { tracking: pick(TRACKINGS, random), carrier: 'DHL' } : {})
  const lines = { lines: [{ line: '1', quantity: 1 }] }
  const subject = pick(
    [...LOADS, ...TRACKINGS, ...TRACKINGS].map(each => `ref/${each}`).concat(`order/${order}`, `ref/PO-${order}`),
    random,
  )
  const said = (sources: readonly string[], type: string, data: object = {}): Thought => ({
    source: pick(sources, random),
    type,
    subject,
    data,
  })
  const release = (): Thought => {
    const consignment = pick(LOADS, random)
    const node = consignment.startsWith('LOAD-EAST') ? 'EAST' : 'WEST'
    const data = { shipment: `S-${at}`, node, ...lines, ...(random.chance(0.7) ? { consignment } : {}) }
    return { source: 'erp', type: 'order.released', subject: `order/${order}`, data }
  }
  const thoughts: readonly (() => Thought)[] = [
    release,
    release,
    () => said(['erp', 'wms'], 'shipment.cancelled', random.chance(0.3) ? lines : {}),
    () => said(['wms'], 'shipment.split', { shipment: `S-${at}`, ...lines }),
    () => said(['tms'], 'shipment.booked', number(1)),
    () => said(['tms'], 'shipment.booked', number(1)),
    () => said(['wms'], 'shipment.confirmed', number(0.4)),
    () => said(['tms', 'wms', 'dhl'], pick(STEPS, random)),
    () => said(['tms', 'dhl'], pick(ENDS, random), { reason: 'none' }),
    () => said(['tms', 'wms', 'shop'], 'claim.reported', { state: 'shipped' }),
    () => said(['erp', 'crm'], 'return.authorized', { ...lines, rma: 'RMA-1' }),
  ]
  return pick(thoughts, random)()
}

const pick = <Item>(items: readonly Item[], random: Random): Item => items[random.whole(items.length)] as Item
