// The oracle of network scenarios is green for the twin as it is, and red for each way in which one may be broken.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CrowdSum } from '../../bench/clients/crowd.ts'
import { type Said, said } from '../../bench/network/day.ts'
import { type Ends, endsOf, judgeEnds } from '../../bench/network/network-oracle.ts'
import { hours, type NetworkScenario } from '../../bench/network/network-scenario.ts'
import type { OrderEnd } from '../../bench/network/order-end.ts'
import { runNetwork } from '../../bench/network/run-network.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { retryStorm } from '../../bench/network/scenarios/retry-storm.ts'
import { soak } from '../../bench/network/scenarios/soak.ts'
import type { Wrap } from '../../bench/network/served-twin.ts'
import { saidPlace } from '../../bench/network/standing.ts'
import { checkWatched } from '../../bench/network/watching.ts'
import { Checks } from '../../bench/oracle.ts'
import { openBenchTwin, withFolder } from '../../bench/store.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Outcome, OutcomeCode } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { temporaryFolder } from './stores.ts'

const STALE = 'nothing newer is overwritten by something older'
/** A day that takes a second. */
const quick = (scenario: NetworkScenario): NetworkScenario => ({ ...scenario, seconds: 1, subscribers: 3 })
const options = { seed: 4, orders: 25 }

describe('a whole day', () => {
  test('is green, however it is delivered', async () => {
    const messy: NetworkScenario = quick({
      ...flashSale,
      usual: { ...flashSale.usual, duplicateShare: 0.3, shuffleWindowMs: 3_600_000, connections: 3 },
      sources: { ...flashSale.sources, erp: {} },
    })
    const { oracle, results } = await runNetwork(messy, { ...options, data: await temporaryFolder() })
    expect(oracle.broken).toEqual([])
    expect(results.duplicate_outcomes).toBeGreaterThan(20)
    expect(results.late_settings).toBeGreaterThan(0)
    // Of each order at least; how many of its entries are told at once is a matter of the machine, and the oracle counts them.
    expect(results.subscriber_payloads).toBeGreaterThanOrEqual(3 * options.orders)
  })

  test('takes as long as it is asked to, and tells how each source fared', async () => {
    const data = await temporaryFolder()
    const { charts = [], results } = await runNetwork({ ...flashSale, seconds: 500 }, { ...options, seconds: 1, data })
    expect(results.day_s).toBe(1)
    expect(results.offered_events_per_s).toBe(results.deliveries)
    for (const source of ['webshop', 'erp', 'wms_east', '3pl_west', 'parcel_one'])
      expect(results[`outcome_p99_ms_${source}`]).toBeGreaterThan(0)
    const lines = charts.find(({ title }) => title.startsWith('Latency'))
    expect(lines).toMatchObject({ lines: expect.arrayContaining([expect.objectContaining({ name: '3pl-west' })]) })
  })

  test('is green though the twin is stopped and started under impatient sources', async () => {
    const storm = { ...quick(retryStorm), subscribers: 0 }
    const { oracle, results } = await runNetwork(storm, { ...options, data: await temporaryFolder() })
    expect(oracle.broken).toEqual([])
    expect(results.resent_events).toBeGreaterThan(0)
  })

  test('is red when the twin is not stopped, because the day is over before', async () => {
    const twinOutages = [{ fromMs: hours(300), toMs: hours(301) }]
    const late = { ...quick(retryStorm), subscribers: 0, twinOutages }
    const { oracle } = await runNetwork(late, { ...options, data: await temporaryFolder() })
    expect(oracle.broken).toEqual([
      'the twin is stopped as often as the day says: 0 of 1 times: the day is over before',
    ])
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

  test('is red when the twin says accepted to everything', async () => {
    const mix = { ...flashSale.mix, illegalShare: 0.1 }
    const { oracle } = await runNetwork(quick({ ...flashSale, mix }), {
      ...options,
      data: await temporaryFolder(),
      wrap: engine =>
        submitting(engine, async inputs =>
          (await engine.submit(inputs)).map(outcome => ({ ...outcome, outcome: 'accepted' as const })),
        ),
    })
    expect(oracle.broken).toHaveLength(1)
    expect(oracle.broken[0]).toMatch(/^sources are told what was judged: .* was told accepted/)
  })

  test.each(['duplicate', 'parked'] as const)('is red when the twin says %s to everything', async outcome => {
    const { oracle } = await runNetwork(quick(flashSale), {
      ...options,
      data: await temporaryFolder(),
      wrap: engine =>
        submitting(engine, async inputs =>
          (await engine.submit(inputs)).map(told => ({ ...told, outcome }) as Outcome),
        ),
    })
    expect(oracle.broken).toHaveLength(1)
    expect(oracle.broken[0]).toMatch(new RegExp(`^sources are told what was judged: .* was told ${outcome}`))
  })

  test('is red when answers name other events than those that were sent', async () => {
    const { oracle } = await runNetwork(quick(flashSale), {
      ...options,
      data: await temporaryFolder(),
      wrap: engine =>
        submitting(engine, async inputs =>
          (await engine.submit(inputs)).map(told => ({ ...told, id: `${told.id}-other` })),
        ),
    })
    expect(oracle.broken).toHaveLength(1)
    expect(oracle.broken[0]).toMatch(/^sources are told what was judged: .*-other was told/)
  })

  test('is red when the twin goes by when it hears, not by when it happened', async () => {
    const late = { ...flashSale, usual: { ...flashSale.usual, duplicateShare: 0, shuffleWindowMs: hours(3) } }
    const data = await temporaryFolder()
    const { oracle } = await runNetwork(quick({ ...late, sources: {} }), { ...options, data, wrap: byArrival })
    const flaw = /^nothing newer is .* older: credit of SO-\d+ is held as of .*, not approved as of /
    expect(oracle.broken).toContainEqual(expect.stringMatching(flaw))
  })

  test('is red when the twin keeps in memory whatever it hears', async () => {
    const even = { ...quick(soak), growth: { mb: 10, bytesPerEvent: 0 } }
    const { oracle } = await runNetwork(even, { ...options, data: await temporaryFolder(), wrap: hoarding })
    expect(oracle.broken).toEqual([
      expect.stringMatching(
        /^memory does not grow and grow: \d+ MB more in the second half, of \d+ events: 10 at most$/,
      ),
    ])
  })

  test('is red when watchers are told twice of what happened once', async () => {
    const { oracle } = await runNetwork(quick(flashSale), { ...options, data: await temporaryFolder(), wrap: echoing })
    expect(new Set(oracle.broken.map(flaw => flaw.split(':')[0]))).toEqual(
      new Set(['watchers are told of each entry once']),
    )
  })

  test('is red when there are orders that nobody said', async () => {
    const { oracle } = await runNetwork(quick(flashSale), { ...options, data: await temporaryFolder(), wrap: haunted })
    expect(oracle.broken).toHaveLength(1)
    expect(oracle.broken[0]).toMatch(/^every order is closed, delivered, paid: 1 are captured/)
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

/** The first capture brings an order with it that nobody said. */
const haunted: Wrap = engine => {
  let isThere = false
  return submitting(engine, async inputs => {
    const outcomes = await engine.submit(inputs)
    const capture = inputs.find(input => (input as EventInput).type === 'order.captured') as EventInput | undefined
    if (capture !== undefined && !isThere) {
      isThere = true
      await engine.submit([{ ...capture, id: 'ghost', subject: 'order/GHOST-1' }])
    }
    return outcomes
  })
}

/** A hold heard behind its approval counts as if it had come about then: newer is overwritten by older. */
const byArrival: Wrap = engine => {
  const approvedMs = new Map<string, number>()
  const heard = (event: EventInput): EventInput => {
    const { subject, time = '', type } = event
    if (type === 'credit.approved') approvedMs.set(subject, Date.parse(time))
    const ms = type === 'credit.held' ? approvedMs.get(subject) : undefined
    return ms === undefined ? event : { ...event, time: new Date(ms + 1).toISOString() }
  }
  return submitting(engine, inputs => engine.submit(inputs.map(input => heard(input as EventInput))))
}

/** A day of this size is some 350 events: a third of a megabyte for each. */
const hoarding: Wrap = engine => {
  const kept: Buffer[] = []
  return submitting(engine, inputs => {
    kept.push(...inputs.map(() => Buffer.alloc(350_000, 1)))
    return engine.submit(inputs)
  })
}

/** Subscriptions hear each entry twice. */
const echoing: Wrap = engine => {
  const attach: Engine['attach'] = companion =>
    engine.attach(
      companion.name !== 'live'
        ? companion
        : {
            name: 'live',
            saved: () => undefined,
            fold: (...entries) => {
              companion.fold(...entries)
              companion.fold(...entries)
            },
          },
    )
  return Object.create(engine, { attach: { value: attach } })
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

describe('what watchers saw', () => {
  const state = { lifecycle: 'closed', credit: 'approved', fulfilment: 'delivered', billing: 'paid' }
  const states = new Map(['A', 'B'].map(order => [order, 'closed.approved.delivered.paid']))
  const changes = new Map([
    ['A', [2, 4] as const],
    ['B', [1, 1] as const],
  ])
  const told = (number: string, position: string, how = state, entries = 1) =>
    JSON.stringify({
      payload: { data: { ordersChanged: { entries, latest: { position }, order: { number, state: how } } } },
    })
  const all = [told('A', '1', { ...state, lifecycle: 'captured' }), told('B', '2'), told('A', '3')]
  const watcher = (payloads: readonly string[], hasEnded = false) => ({ payloads, hasEnded })
  const FELL_BEHIND = 'too_far_behind; after 0000000abc'

  const brokenBy = (...[heard, least = 3, ended = []]: [CrowdSum['heard'], number?, (readonly string[])?]) => {
    const checks = new Checks()
    checkWatched({ crowd: { heard, least, ended }, states, changes }, checks)
    return checks.verdict().broken.map(flaw => flaw.split(':')[0] ?? '')
  }

  test('is right where the first and the last saw all of it', () =>
    expect(brokenBy([watcher(all), watcher(all)])).toEqual([]))

  test.each<[string, ...Parameters<typeof brokenBy>]>([
    ['watchers saw how every order ended', [watcher(all), watcher([])]],
    ['watchers saw how every order ended', [watcher(all.slice(0, 2)), watcher(all)]],
    ['watchers never see an order go back', [watcher(all), watcher([...all, ...all])]],
    ['watchers are told of each entry once', [watcher([...all.slice(0, 2), told('A', '3', state, 4)])]],
    ['watchers are told of each entry once', [watcher(all.slice(1))]],
    ['every watcher is told of every order', [watcher(all), watcher(all)], 1],
    ['watchers end only where they fall behind', [watcher(all), watcher([], true)], 0, ['{"message":"INTERNAL"}']],
    ['watchers saw how every order ended', [watcher([]), watcher([], true)], 0, [FELL_BEHIND]],
  ])('is wrong: %s', (fact, ...seen) => expect(brokenBy(...seen)).toContain(fact))

  test('is less of those who fell behind, which is a figure', () =>
    expect(brokenBy([watcher([], true), watcher(all)], 0, [FELL_BEHIND])).toEqual([]))
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

  type Told = readonly (readonly [event: string, outcome: OutcomeCode])[]
  const NONE: ReadonlySet<string> = new Set()
  const brokenBy = (ends: Ends, asInClean = clean, told: Told = [], unanswered = NONE, waited = NONE) => {
    const checks = new Checks()
    judgeEnds({ said: all, clean: asInClean, ends, told, unanswered, waited }, checks)
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
    [STALE, () => but(({ standings }) => ({ standings: new Map([...standings].slice(1)) }))],
    ['nothing waits for ever', () => but(() => ({ parked: 1 }))],
    ['every order ends as in the clean run', () => but(({ text }) => ({ text: text.replace('delivered', 'lost') }))],
    ['every order ends as in the clean run', () => new Map([...clean].filter(([order]) => order !== first()))],
  ]
  test.each(BROKEN)('is red when this does not hold: %s', (fact, ends) => expect(brokenBy(ends())).toContain(fact))

  test('is red when something older stands, in the clean run too', () => {
    const order = all.find(({ event }) => event.type === 'credit.held' && event.source === 'erp')
    const end = clean.get(order?.order ?? '')
    if (order === undefined || end === undefined) throw new Error('nobody is held')
    const held = { place: saidPlace(order.event), value: 'held' }
    const overwritten = { ...end, standings: new Map([...end.standings, ['credit', held]]) }
    const ends = new Map([...clean, [order.order, overwritten]])
    expect(brokenBy(ends, ends)).toEqual([STALE])
  })

  test('is red when an order has two shipments, or an invoice under another number, in the clean run too', () => {
    const fact = 'each order has the shipments and invoices that were told, and no others'
    const two = but(({ shipments }) => ({ shipments: [...shipments, 'EAST/S-2'] }))
    expect(brokenBy(two, two)).toEqual([fact])
    const other = but(() => ({ invoices: ['I-0'] }))
    expect(brokenBy(other, other)).toEqual([fact])
  })

  test('is red when a source is told what was not judged', () => {
    const [verdict] = clean.get(first())?.verdicts ?? []
    const event = verdict?.event ?? ''
    const accepted = [event, 'accepted'] as const
    const duplicate = [event, 'duplicate'] as const
    const parked = [event, 'parked'] as const
    expect(brokenBy(clean, clean, [accepted, duplicate])).toEqual([])
    expect(brokenBy(clean, clean, [duplicate], new Set([event]))).toEqual([])
    expect(brokenBy(clean, clean, [parked], NONE, new Set([event]))).toEqual([])
    for (const told of [duplicate, parked, [event, 'not_owner'], ['erp never-said', 'accepted']] as const)
      expect(brokenBy(clean, clean, [told])).toEqual(['sources are told what was judged'])
  })

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
