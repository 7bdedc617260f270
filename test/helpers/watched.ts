// Watched: an engine in memory and the watch beside it, opened again and again over the same journal, with or without checkpoints.
import { parsePosition } from '../../engine/answers.ts'
import { cardOf, type OrderCard } from '../../engine/card/card.ts'
import type { Checkpoints } from '../../engine/checkpoint.ts'
import { DEFAULT_POLICIES, type Policies } from '../../engine/deadlines/policies.ts'
import type { Engine } from '../../engine/engine.ts'
import { factsOf } from '../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../engine/exceptions/ledger.ts'
import { wholeOf } from '../../engine/exceptions/open-list.ts'
import { Watch } from '../../engine/exceptions/watch.ts'
import { steppersOf } from '../../engine/judge.ts'
import { readCheckpoint, writeCheckpoint } from '../../engine/snapshots/checkpoint-file.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { EventInput } from '../../machines/event.ts'
import { openMemoryEngine } from './memory-engine.ts'
import type { MemoryFiles } from './memory-files.ts'

const steppers = steppersOf(CHARTS)
const FOLDER = '/store'

/** Checkpoints in memory, which may stop being written: what is read then is of some time before. */
export function checkpointsIn(files: MemoryFiles): Checkpoints & { isFrozen: boolean; isLost: boolean } {
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

/** An engine in memory with its watch, the clock of both, and everything they tell. */
export class Watched {
  readonly engine: Engine
  readonly watch: Watch
  readonly running: Promise<void>
  readonly clock: { nowMs: number }
  private held: PromiseWithResolvers<void> | undefined

  private constructor(engine: Engine, clock: { nowMs: number }, policies: Policies) {
    this.engine = engine
    this.clock = clock
    const families = async (ids: readonly string[]) => {
      await this.held?.promise
      return engine.families(ids)
    }
    const twin: Engine = Object.create(engine, { families: { value: families } })
    this.watch = new Watch({ twin, policies, clock })
    this.running = this.watch.run()
  }

  static async open(options: Memory, policies = DEFAULT_POLICIES): Promise<Watched> {
    const { clock, engine } = await openMemoryEngine(options)
    return new Watched(engine, clock, policies)
  }

  async say(events: readonly EventInput[]): Promise<void> {
    for (const each of events) await this.engine.submit([each])
  }

  /** Nothing is looked at until it is asked again. */
  holdLooks(): void {
    this.held ??= Promise.withResolvers()
  }

  private goOn(): void {
    this.held?.resolve()
    this.held = undefined
  }

  /** Everything it knows, and the card of every order. */
  async told(nowMs = this.clock.nowMs) {
    this.goOn()
    this.clock.nowMs = nowMs
    await this.watch.upTo(parsePosition(this.engine.head().position) ?? 0)
    await this.watch.tick()
    const orders = this.engine.orders({}, { by: 'number', descending: false }, { first: 100 }).orders
    return {
      open: [...this.watch.openExceptions()]
        .map(wholeOf)
        .sort((a, b) => (`${a.family} ${a.key}` < `${b.family} ${b.key}` ? -1 : 1)),
      armed: this.watch.armed,
      records: [...this.watch.records()],
      days: this.watch.sourceDays.saved(),
      cards: await Promise.all(orders.map(id => this.card(id))),
    }
  }

  async close(): Promise<void> {
    this.watch.close()
    await this.engine.close()
    this.goOn()
    await this.running
  }

  /** Killed: nothing is saved, and nobody hears of it again. */
  async abandon(): Promise<void> {
    this.watch.close()
    this.goOn()
    await this.running
  }

  private async card(id: string): Promise<OrderCard | undefined> {
    const [family] = await this.engine.families([id])
    const ledger = ledgerOf(await this.engine.entries(id, { after: 0, first: 1_000 }))
    const heard = this.engine.sources().map(({ lastEventMs, source }) => ({ source, lastEventMs }))
    const nowMs = this.clock.nowMs
    return family && cardOf(factsOf(family, ledger), { ...this.watch.around, nowMs, steppers, heard })
  }
}
