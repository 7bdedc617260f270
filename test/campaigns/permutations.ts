// Long form of test/engine/permutations.test.ts: legal traces in many orders of arrival.
//   node test/campaigns/permutations.ts --seeds 1000 [--from 0] [--orders-per-trace 4]
// Prints each seed that fails, and the smallest trace found that still does.
import { parseArgs } from 'node:util'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'
import { isLegal, legalTrace } from '../helpers/legal-traces.ts'
import { delayed, difference, duplicated, endOf, heard, shuffled } from '../helpers/orderings.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '0' },
    orders: { type: 'string', default: '4' },
    steps: { type: 'string', default: '60' },
    failures: { type: 'string', default: '1' },
  },
})
let failures = 0
let events = 0
const startMs = performance.now()
for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed++) {
  const trace = legalTrace({ seed, steps: Number(values.steps), clearings: true })
  events += trace.events.length
  const expected = endOf(trace.world)
  for (let order = 0; order < Number(values.orders); order++) {
    const random = seededRandom(seed * 1_000 + order)
    const arrival = duplicated(
      order % 2 === 0 ? shuffled(trace.events, random) : delayed(trace.events, 12 * 3_600_000, random),
      random,
    )
    const found = outcomeOf(expected, arrival)
    if (found.length === 0) continue
    failures++
    console.log(`seed ${seed} order ${order}: ${found.length} differences`)
    report(arrival)
    break
  }
  if (failures >= Number(values.failures)) break
}
const seconds = (performance.now() - startMs) / 1_000
console.log(`${failures} failures; ${events} events, ${seconds.toFixed(1)} s`)
process.exitCode = failures === 0 ? 0 : 1

function outcomeOf(expected: readonly string[], arrival: readonly EventInput[]): readonly string[] {
  try {
    return difference(expected, endOf(heard(arrival)))
  } catch (thrown) {
    return [String(thrown instanceof Error ? thrown.stack : thrown)]
  }
}

/** Takes events away as long as the rest is legal and still comes out differently. */
function report(arrival: readonly EventInput[]): void {
  let least = arrival
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false
    for (const id of new Set(least.map(event => event.id))) {
      const fewer = least.filter(event => event.id !== id)
      if (!fails(fewer)) continue
      least = fewer
      isSmaller = true
    }
    for (let index = 0; index < least.length; index++) {
      const fewer = least.toSpliced(index, 1)
      if (!fails(fewer)) continue
      least = fewer
      isSmaller = true
    }
  }
  for (const event of least)
    console.log(
      `  ${event.time.slice(5, 16)} ${event.id} ${event.source} ${event.type} ${event.subject} ${JSON.stringify(event.data)}`,
    )
  for (const line of outcomeOf(endOf(heard(inOrder(least))), least)) console.log(`  ${line}`)
}

function fails(arrival: readonly EventInput[]): boolean {
  const sorted = inOrder(arrival)
  return isLegal(sorted) && outcomeOf(endOf(heard(sorted)), arrival).length > 0
}

function inOrder(arrival: readonly EventInput[]): readonly EventInput[] {
  const once = new Map(arrival.map(event => [event.id, event]))
  return [...once.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
