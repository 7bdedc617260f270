import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { parsePosition } from '../../../engine/answers.ts'
import { cardOf, type OrderCard } from '../../../engine/card/card.ts'
import type { Checkpoints } from '../../../engine/checkpoint.ts'
import { DEFAULT_POLICIES, type Policies, policiesWith } from '../../../engine/deadlines/policies.ts'
import type { Engine } from '../../../engine/engine.ts'
import { factsOf } from '../../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../../engine/exceptions/ledger.ts'
import { Watch } from '../../../engine/exceptions/watch.ts'
import { steppersOf } from '../../../engine/judge.ts'
import { readCheckpoint, writeCheckpoint } from '../../../engine/snapshots/checkpoint-file.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import { CHARTS } from '../../../machines/charts.ts'
import type { EventInput } from '../../../machines/event.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { forgetfulStore, openMemoryEngine } from '../../helpers/memory-engine.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { duplicated, shuffled } from '../../helpers/orderings.ts'

const steppers = steppersOf(CHARTS)
const NOW_MS = Date.UTC(2026, 10, 24)
const FOLDER = '/store'

/** Checkpoints in memory, which may stop being written: what is read then is of some time before. */
function checkpointsIn(files: MemoryFiles): Checkpoints & { isFrozen: boolean; isLost: boolean } {
  return {
    isFrozen: false,
    isLost: false,
    async read(storeId) {
      return this.isLost ? undefined : readCheckpoint(files, FOLDER, storeId)
    },
    async write(draft) {
      return this.isFrozen ? 0 : writeCheckpoint(files, FOLDER, draft)
    },
  }
}

type Memory = NonNullable<Parameters<typeof openMemoryEngine>[0]>

class Watched {
  readonly engine: Engine
  readonly watch: Watch
  readonly running: Promise<void>
  private readonly clock: { nowMs: number }

  private constructor(engine: Engine, clock: { nowMs: number }, policies: Policies) {
    this.engine = engine
    this.clock = clock
    this.watch = new Watch({ twin: engine, policies, clock })
    this.running = this.watch.run()
  }

  static async open(options: Memory, policies = DEFAULT_POLICIES): Promise<Watched> {
    const { clock, engine } = await openMemoryEngine({ nowMs: NOW_MS, ...options })
    return new Watched(engine, clock, policies)
  }

  async say(events: readonly EventInput[]): Promise<void> {
    for (const each of events) await this.engine.submit([each])
  }

  /** Everything it knows, and the card of every order. */
  async told(nowMs = this.clock.nowMs) {
    this.clock.nowMs = nowMs
    await this.watch.upTo(parsePosition(this.engine.head().position) ?? 0)
    await this.watch.tick()
    const orders = this.engine.orders({}, { by: 'number', descending: false }, { first: 100 }).orders
    return {
      open: [...this.watch.openExceptions()].sort((a, b) => (`${a.family} ${a.key}` < `${b.family} ${b.key}` ? -1 : 1)),
      armed: this.watch.armed,
      records: [...this.watch.records()],
      days: this.watch.sourceDays.saved(),
      cards: await Promise.all(orders.map(id => this.card(id))),
    }
  }

  async close(): Promise<void> {
    this.watch.close()
    await this.running
    await this.engine.close()
  }

  private async card(id: string): Promise<OrderCard | undefined> {
    const [family] = await this.engine.families([id])
    const ledger = ledgerOf(await this.engine.entries(id, { after: 0, first: 1_000 }))
    const heard = this.engine.sources().map(({ lastEventMs, source }) => ({ source, lastEventMs }))
    const nowMs = this.clock.nowMs
    return family && cardOf(factsOf(family, ledger), { ...this.watch.around, nowMs, steppers, heard })
  }
}

describe('a restart changes no exception, deadline, measure or card', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('[X5] whatever of what can be made again is gone: legal trace %i', async seed => {
    const { events } = legalTrace({ seed, steps: 70, orders: 4 })
    const random = seededRandom(seed)
    const arriving = duplicated(shuffled(events, random), random)
    const third = Math.ceil(arriving.length / 3)
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const store = memoryFamilyStore()
    const first = await Watched.open({ memory, store, checkpoints })
    await first.say(arriving.slice(0, third))
    await first.told(NOW_MS - random.whole(72) * 3_600_000)
    await first.close()
    checkpoints.isFrozen = true
    const second = await Watched.open({ memory, store, checkpoints })
    await second.say(arriving.slice(third, 2 * third))
    const before = await second.told()
    await second.close()
    expect(before.open.length).toBeGreaterThan(0)
    for (const isLost of [false, true])
      for (const kept of [store, forgetfulStore()]) {
        checkpoints.isLost = isLost
        const again = await Watched.open({ memory, store: kept, checkpoints })
        expect(await again.told()).toEqual(before)
        await again.close()
      }
    checkpoints.isLost = false
    const last = await Watched.open({ memory, store, checkpoints })
    await last.say(arriving.slice(2 * third))
    const end = await last.told(NOW_MS + 3_600_000)
    await last.close()
    checkpoints.isLost = true
    const anew = await Watched.open({ memory, store: forgetfulStore(), checkpoints })
    expect(await anew.told(NOW_MS + 3_600_000)).toEqual(end)
    await anew.close()
  })

  it('[X5] what a checkpoint holds is followed from there, and nothing is read twice', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ memory, checkpoints })
    await first.say([...readyOrder('A1'), ...readyOrder('A2'), released('A1', 'S-1', '01:00')])
    await first.told()
    await first.close()
    const { engine } = await openMemoryEngine({ memory, checkpoints, nowMs: NOW_MS })
    let read = 0
    const counting: Engine = Object.create(engine, {
      follow: {
        value: async function* (options: Parameters<Engine['follow']>[0]) {
          for await (const item of engine.follow(options)) {
            read++
            yield item
          }
        },
      },
    })
    const watch = new Watch({ twin: counting, policies: DEFAULT_POLICIES, clock: engine.clock })
    const running = watch.run()
    await watch.upTo(parsePosition(engine.head().position) ?? 0)
    expect([read, watch.openIn('A1').map(({ kind }) => kind)]).toEqual([0, ['late_shipment', 'late_acknowledgement']])
    watch.close()
    await running
    await engine.close()
  })

  it('[X5] under other policies what a checkpoint holds is not believed', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ memory, checkpoints })
    await first.say([...readyOrder('A1'), released('A1', 'S-1', '01:00')])
    expect((await first.told()).open).toHaveLength(2)
    await first.close()
    const lenient = policiesWith({ deadlines: [{ deadline: 'late_acknowledgement' }, { deadline: 'late_shipment' }] })
    const again = await Watched.open({ memory, checkpoints }, lenient)
    expect((await again.told()).open).toEqual([])
    await again.close()
  })

  it('[M3] what is usual is published once an hour of the clock, and is the same after a restart', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ memory, checkpoints })
    for (let index = 0; index < 30; index++) {
      const [order, shipment] = [`P${index}`, `P-${index}`]
      await first.say([
        ...readyOrder(order),
        released(order, shipment, '01:00'),
        event('wms', 'shipment.confirmed', `shipment/${shipment}`, '11:00', {
          carrier: 'UPS',
          tracking: `1Z-${index}`,
        }),
        event('ups', 'delivery.completed', `shipment/${shipment}`, 31 * 60, { tracking: `1Z-${index}` }),
      ])
    }
    await first.say([...readyOrder('A1', { promisedAt: '2026-11-24T06:00:00Z' }), released('A1', 'S-1', 2 * 1_440)])
    const kinds = ({ watch }: Watched) => watch.openIn('A1').map(({ kind }) => kind)
    const before = await first.told()
    expect(kinds(first)).toContain('promise_at_risk')
    await first.close()
    for (const isLost of [false, true]) {
      checkpoints.isLost = isLost
      checkpoints.isFrozen = true
      const again = await Watched.open({ memory, checkpoints })
      expect(await again.told()).toEqual(before)
      expect(kinds(again)).toContain('promise_at_risk')
      await again.close()
    }
  })
})
