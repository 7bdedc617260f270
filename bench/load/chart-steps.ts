// Chart steps: which steps the charts take, or refuse, while real orders' lives are told. The same options give the same steps.
import { seededRandom } from '../../connectors/simulated/random.ts'
import { type AskedStep, ChartWorld } from './chart-world.ts'
import { FIRST_MS, LOAD } from './load.ts'
import { orderLife, type Told } from './order-life.ts'
import { CARRIERS, NODES } from './sources.ts'

// A tenth: between what distributors take back of what they sell to shops and to consumers.
const RETURN_SHARE = 0.1

/** Every step that `orders` whole lives take, signals between actors included, and those that are refused. */
export function chartSteps({ orders, seed }: { orders: number; seed: number }): readonly AskedStep[] {
  const random = seededRandom(seed)
  const steps: AskedStep[] = []
  const world = new ChartWorld()
  for (let number = 1; number <= orders; number++) {
    const life = orderLife({ number, random, illegalShare: LOAD.illegalShare })
    const told = random.chance(RETURN_SHARE) ? [...life, ...returnOf(life, number)] : life
    for (const [index, { outcome, ...said }] of told.entries()) {
      const event = { ...said, specversion: '1.0', id: `${number}-${index}`, time: timeOf(index) } as const
      const { asked, judged } = world.hear(event, String(number), returnNumber(number))
      const came = judged.kind === 'obstacle' ? judged.obstacle.verdict : 'accepted'
      if (came !== outcome) throw new Error(`bench: ${said.type} of order ${number} is ${came}, not ${outcome}`)
      steps.push(...asked)
    }
  }
  return steps
}

const timeOf = (index: number): string => new Date(FIRST_MS + index * 60_000).toISOString()

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
