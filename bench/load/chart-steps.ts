// Chart steps: which steps the charts take, or refuse, while real orders' lives are told. It judges as an engine does, keeps the
// family each step leaves, and notes what its steppers were asked. The same options give the same steps.
import { seededRandom } from '../../connectors/simulated/random.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { judge } from '../../engine/judge.ts'
import { Stepper, steppersOf } from '../../engine/transition.ts'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import { type EventInput, parseEvent } from '../../machines/event.ts'
import { type EventType, eventTypeEntry } from '../../machines/event-types.ts'
import { type ActorKey, ORDER_KEY, returnKey } from '../../machines/ids.ts'
import { sourceBook } from '../../machines/sources.ts'
import { FIRST_MS, LOAD } from './load.ts'
import { orderLife, type Told } from './order-life.ts'
import { CARRIERS, NODES, SOURCES } from './sources.ts'

export interface AskedStep {
  /** It has learned nothing yet; one for all steps of a chart. */
  readonly stepper: Stepper
  /** Before the step. */
  readonly actor: { readonly state: string; readonly context: object }
  readonly event: ChartEvent
}

// A tenth: between what distributors take back of what they sell to shops and to consumers.
const RETURN_SHARE = 0.1

/** Every step that `orders` whole lives take, signals between actors included, and those that are refused. */
export function chartSteps({ orders, seed }: { orders: number; seed: number }): readonly AskedStep[] {
  const random = seededRandom(seed)
  const steps: AskedStep[] = []
  const plain = steppersOf(CHARTS)
  const noting = (stepper: Stepper) => new Noting(stepper, steps)
  const steppers = { order: noting(plain.order), shipment: noting(plain.shipment), return: noting(plain.return) }
  for (let number = 1; number <= orders; number++) {
    const life = orderLife({ number, random, illegalShare: LOAD.illegalShare })
    const told = random.chance(RETURN_SHARE) ? [...life, ...returnOf(life, number)] : life
    let family = emptyFamily(String(number))
    for (const [index, { outcome, ...said }] of told.entries()) {
      const { event, source } = read({ ...said, id: `${number}-${index}`, time: timeOf(index) })
      const it = { event, source, actors: [actorOf(family, said.type, number)] }
      const judged = judge(steppers, family, it, () => [])
      const came = judged.kind === 'obstacle' ? judged.obstacle.verdict : 'accepted'
      if (came !== outcome) throw new Error(`bench: ${said.type} of order ${number} is ${came}, not ${outcome}`)
      if (judged.kind === 'moved') family = { ...family, actors: judged.actors, lastPlace: event.place }
    }
  }
  return steps
}

const sources = sourceBook(SOURCES).byId

const timeOf = (index: number): string => new Date(FIRST_MS + index * 60_000).toISOString()

/** An event of the load, and who sends it; throws for what is malformed. */
export function read(said: EventInput) {
  const source = sources.get(said.source)
  if (source === undefined) throw new Error(`bench: no source ${said.source}`)
  const parsed = parseEvent(said, source, Number.POSITIVE_INFINITY)
  if ('flaws' in parsed) throw new Error(`bench: ${said.type}: ${parsed.flaws[0]?.path} ${parsed.flaws[0]?.message}`)
  return { event: parsed.event, source }
}

/** An order of the load has one shipment, and at most one return. */
export function actorOf({ actors }: Family, type: EventType, number: number): ActorKey {
  const { entity } = eventTypeEntry(type)
  if (entity === 'return') return returnKey(returnNumber(number))
  return entity === 'shipment' ? (actors.keys.find(key => key.startsWith('shipment/')) ?? '') : ORDER_KEY
}

class Noting extends Stepper {
  readonly #plain: Stepper
  readonly #steps: AskedStep[]

  constructor(plain: Stepper, steps: AskedStep[]) {
    super(plain.chart)
    this.#plain = plain
    this.#steps = steps
  }

  override step(...[actor, event, mode]: Parameters<Stepper['step']>) {
    if (mode === 'judge') this.#steps.push({ stepper: this.#plain, actor, event })
    return super.step(actor, event, mode)
  }
}

const returnNumber = (number: number): string => `R-${number}`

/** One piece of one line comes back, is looked at, put on the shelf and credited. */
function returnOf(life: readonly Told[], number: number): readonly Told[] {
  const captured = life[0] as Told & { readonly data: { readonly lines: readonly { readonly line: string }[] } }
  const lines = [{ line: captured.data.lines[0]?.line ?? '', quantity: 1 }]
  const back = returnNumber(number)
  const node = NODES[number % NODES.length] ?? NODES[0]
  const carriage = CARRIERS[number % CARRIERS.length] ?? CARRIERS[0]
  const said = (source: string, type: Told['type'], data: object): Told => ({
    source,
    type,
    subject: type === 'return.initiated' ? captured.subject : `return/${back}`,
    data,
    outcome: 'accepted',
  })
  return [
    said(captured.source, 'return.initiated', { return: back, reason: 'wrong', lines }),
    said('erp', 'return.authorized', { rma: `RMA-${back}` }),
    said(carriage.source, 'return.in_transit', { carrier: carriage.carrier, tracking: `2Z${number}` }),
    said(node.source, 'return.received', { node: node.node, lines }),
    said(node.source, 'return.inspected', { result: 'unused' }),
    said(node.source, 'return.dispositioned', { lines: lines.map(each => ({ ...each, disposition: 'restock' })) }),
    said('erp', 'return.credited', { memo: `M-${back}`, amountMinor: 199, lines }),
    said('erp', 'return.closed', {}),
  ]
}
