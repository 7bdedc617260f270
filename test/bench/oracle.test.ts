// The oracle of network scenarios is green for the twin as it is, and red for each way in which one may be broken.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Said, said } from '../../bench/network/day.ts'
import { type Ends, endsOf, judgeEnds } from '../../bench/network/network-oracle.ts'
import type { NetworkScenario } from '../../bench/network/network-scenario.ts'
import type { OrderEnd } from '../../bench/network/order-end.ts'
import { runNetwork } from '../../bench/network/run-network.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { retryStorm } from '../../bench/network/scenarios/retry-storm.ts'
import type { Wrap } from '../../bench/network/served-twin.ts'
import { Checks } from '../../bench/oracle.ts'
import { openBenchTwin, withFolder } from '../../bench/store.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { temporaryFolder } from './stores.ts'

/** A day that takes a second. */
const quick = (scenario: NetworkScenario): NetworkScenario => ({ ...scenario, seconds: 1, subscribers: 3 })
const options = { seed: 4, orders: 25 }

describe('a whole day', () => {
  test('is green, however it is delivered', async () => {
    const messy: NetworkScenario = quick({
      ...flashSale,
      usual: { ...flashSale.usual, duplicateShare: 0.3, shuffleWindowMs: 3_600_000, connections: 3 },
    })
    const { oracle, results } = await runNetwork(messy, { ...options, data: await temporaryFolder() })
    expect(oracle.broken).toEqual([])
    expect(results.duplicate_outcomes).toBeGreaterThan(20)
    expect(results.subscriber_payloads).toBeGreaterThan(300)
  })

  test('is green though the twin is stopped and started under impatient sources', async () => {
    const storm = { ...quick(retryStorm), subscribers: 0 }
    const { oracle, results } = await runNetwork(storm, { ...options, data: await temporaryFolder() })
    expect(oracle.broken).toEqual([])
    expect(results.resent_events).toBeGreaterThan(0)
  })

  test('is red when the twin says accepted and forgets', async () => {
    const { oracle } = await runNetwork(quick(flashSale), {
      ...options,
      data: await temporaryFolder(),
      wrap: forgetting,
    })
    expect(oracle.green).toBe(false)
    expect(oracle.broken.join()).toMatch(/no event is lost: .*every order ends as in the clean run/s)
  })

  test('is red when the twin takes what is sent twice for two', async () => {
    const twice = quick({ ...flashSale, usual: { ...flashSale.usual, duplicateShare: 0.5 } })
    const { oracle } = await runNetwork(twice, { ...options, data: await temporaryFolder(), wrap: renaming })
    expect(oracle.green).toBe(false)
    expect(oracle.broken.join()).toContain('no event is lost')
  })
})

/** Every tenth event is answered and dropped. */
const forgetting: Wrap = engine => {
  let count = 0
  return submitting(engine, async inputs => {
    const isDropped = inputs.map(() => ++count % 10 === 0)
    const outcomes = await engine.submit(inputs.filter((_, index) => !isDropped[index]))
    let next = 0
    return inputs.map((input, index) =>
      isDropped[index] ? { id: (input as EventInput).id, outcome: 'accepted' as const } : (outcomes[next++] as Outcome),
    )
  })
}

/** Every sending gets an id of its own: nothing is known to be a repeat. */
const renaming: Wrap = engine => {
  let count = 0
  return submitting(engine, inputs =>
    engine.submit(inputs.map(input => ({ ...(input as EventInput), id: `renamed-${++count}` }))),
  )
}

const submitting = (engine: Engine, submit: Engine['submit']): Engine =>
  new Proxy(engine, {
    get: (target, name) => {
      if (name === 'submit') return submit
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

describe('the end of a day', () => {
  let all: readonly Said[]
  let clean: Ends

  beforeAll(async () => {
    all = said({ scenario: { ...flashSale, mix: { ...flashSale.mix, illegalShare: 0.1 } }, ...options })
    clean = await withFolder(join(tmpdir(), 'ordertwin-bench'), async data => {
      const engine = await openBenchTwin(data)
      await engine.submit(all.map(({ event }) => event))
      const ends = await endsOf(engine, new Set(all.map(({ order }) => order)))
      await engine.close()
      return ends
    })
  })

  const brokenBy = (ends: Ends): readonly string[] => {
    const checks = new Checks()
    judgeEnds({ said: all, clean, ends }, checks)
    return checks.verdict().broken.map(flaw => flaw.split(':')[0] ?? '')
  }
  const first = (): string => [...clean.keys()][0] ?? ''
  /** All ends as they are, but that of the first order. */
  const but = (change: (end: OrderEnd) => Partial<OrderEnd>): Ends =>
    new Map([...clean].map(([order, end]) => [order, order === first() ? { ...end, ...change(end) } : end]))

  test('is green as it is', () => expect(brokenBy(clean)).toEqual([]))

  const BROKEN: readonly (readonly [string, () => Ends])[] = [
    ['no event is lost', () => but(({ verdicts }) => ({ verdicts: verdicts.slice(1) }))],
    ['no event is applied twice', () => but(({ verdicts }) => ({ verdicts: [...verdicts, ...verdicts] }))],
    ['no shipment is there twice', () => but(({ shipments }) => ({ shipments: [...shipments, 'S-2'] }))],
    ['no invoice is there twice', () => but(({ invoices }) => ({ invoices: [...invoices, ...invoices] }))],
    ['nothing newer is overwritten by something older', () => but(() => ({ lastPlace: '0' }))],
    ['nothing waits for ever', () => but(() => ({ parked: 1 }))],
    ['every order ends as in the clean run', () => but(({ text }) => ({ text: text.replace('delivered', 'lost') }))],
    ['every order ends as in the clean run', () => new Map([...clean].filter(([order]) => order !== first()))],
  ]
  test.each(BROKEN)('is red when this does not hold: %s', (fact, ends) => expect(brokenBy(ends())).toContain(fact))

  test('is red when somebody moved what another owns', () => {
    const wronged = [...clean].map(
      ([order, end]) =>
        [
          order,
          {
            ...end,
            verdicts: end.verdicts.map(each =>
              each.verdict === 'not_owner' ? { ...each, verdict: 'accepted' as const } : each,
            ),
          },
        ] as const,
    )
    expect(brokenBy(new Map(wronged))).toEqual(['nobody moved what another owns'])
  })

  test('is red when two orders have one shipment', () => {
    const [one, other] = [...clean.values()]
    expect(brokenBy(but(() => ({ shipments: other?.shipments ?? [] })))).toContain('no shipment is there twice')
    expect(one?.shipments).toHaveLength(1)
  })
})
