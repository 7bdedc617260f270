import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { parsePosition } from '../../../engine/answers.ts'
import type { Checkpoints } from '../../../engine/checkpoint.ts'
import type { Attached, Companion } from '../../../engine/companions.ts'
import { DEFAULT_POLICIES, policiesWith } from '../../../engine/deadlines/policies.ts'
import type { Engine } from '../../../engine/engine.ts'
import { RestingException } from '../../../engine/exceptions/resting-exception.ts'
import { Watch } from '../../../engine/exceptions/watch.ts'
import type { JournalMemory } from '../../../engine/journal/memory-journal.ts'
import { memoryFamilyStore } from '../../../engine/snapshots/memory-family-store.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { forgetfulStore, openMemoryEngine } from '../../helpers/memory-engine.ts'
import { MemoryFiles } from '../../helpers/memory-files.ts'
import { duplicated, shuffled } from '../../helpers/orderings.ts'
import { checkpointsIn, Watched } from '../../helpers/watched.ts'

const NOW_MS = Date.UTC(2026, 10, 24)

describe('a restart changes no exception, deadline, measure or card', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('[X5] whatever of what can be made again is gone: legal trace %i', async seed => {
    const { events } = legalTrace({ seed, steps: 70, orders: 4 })
    const random = seededRandom(seed)
    const arriving = duplicated(shuffled(events, random), random)
    const third = Math.ceil(arriving.length / 3)
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const store = memoryFamilyStore()
    const first = await Watched.open({ nowMs: NOW_MS, memory, store, checkpoints })
    await first.say(arriving.slice(0, third))
    await first.told(NOW_MS - random.whole(72) * 3_600_000)
    await first.close()
    checkpoints.isFrozen = true
    const second = await Watched.open({ nowMs: NOW_MS, memory, store, checkpoints })
    await second.say(arriving.slice(third, 2 * third))
    const before = await second.told()
    await second.close()
    expect(before.open.length).toBeGreaterThan(0)
    for (const isLost of [false, true])
      for (const kept of [store, forgetfulStore()]) {
        checkpoints.isLost = isLost
        const again = await Watched.open({ nowMs: NOW_MS, memory, store: kept, checkpoints })
        expect(await again.told()).toEqual(before)
        await again.close()
      }
    checkpoints.isLost = false
    const last = await Watched.open({ nowMs: NOW_MS, memory, store, checkpoints })
    await last.say(arriving.slice(2 * third))
    const end = await last.told(NOW_MS + 3_600_000)
    await last.close()
    checkpoints.isLost = true
    const anew = await Watched.open({ nowMs: NOW_MS, memory, store: forgetfulStore(), checkpoints })
    expect(await anew.told(NOW_MS + 3_600_000)).toEqual(end)
    await anew.close()
  })

  it('[X5] [N1] what the checkpoint holds is given up once it is known, not before', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ nowMs: NOW_MS, memory, checkpoints })
    await first.say(readyOrder('A1'))
    await first.told()
    await first.close()
    const { clock, engine } = await openMemoryEngine({ nowMs: NOW_MS, memory, checkpoints })
    const known: boolean[] = []
    const attach = (companion: Companion): Attached => {
      const attached = engine.attach(companion)
      expect(attached.sections).toBeDefined()
      const tookUp = () => {
        known.push(companion.saved() !== undefined)
        attached.tookUp()
      }
      return { ...attached, tookUp }
    }
    const watch = new Watch({
      twin: Object.create(engine, { attach: { value: attach } }),
      policies: DEFAULT_POLICIES,
      clock,
    })
    const running = watch.run()
    await watch.upTo(parsePosition(engine.head().position) ?? 0)
    expect(known).toEqual([true])
    watch.close()
    await engine.close()
    await running
  })

  /** How many entries the watch reads to know everything. */
  async function readAgain(options: { memory: JournalMemory; checkpoints: Checkpoints }) {
    const { engine } = await openMemoryEngine({ ...options, nowMs: NOW_MS })
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
    const kinds = watch.openIn('A1').map(({ kind }) => kind)
    watch.close()
    await running
    await engine.close()
    return { read, kinds }
  }

  it('[X5] what a checkpoint holds is followed from there, and nothing is read twice', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ nowMs: NOW_MS, memory, checkpoints })
    await first.say([...readyOrder('A1'), ...readyOrder('A2'), released('A1', 'S-1', '01:00')])
    await first.told()
    await first.close()
    const kinds = ['late_shipment', 'late_acknowledgement']
    expect(await readAgain({ memory, checkpoints })).toEqual({ read: 0, kinds })
    // Stopped before it has taken up what the checkpoint held, which is written anew all the same.
    const second = await openMemoryEngine({ memory, checkpoints, nowMs: NOW_MS })
    const watch = new Watch({ twin: second.engine, policies: DEFAULT_POLICIES, clock: second.clock })
    await second.engine.submit(readyOrder('A3'))
    const running = watch.run()
    await second.engine.close()
    watch.close()
    await running
    const again = await readAgain({ memory, checkpoints })
    expect(again.kinds).toEqual(kinds)
    expect(again.read).toBeLessThanOrEqual(readyOrder('A3').length)
  })

  it('[X10] what stands open rests after a restart, until its order is looked at', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ nowMs: NOW_MS, memory, checkpoints })
    await first.say([...readyOrder('A1'), released('A1', 'S-1', '01:00')])
    const { open } = await first.told()
    await first.close()
    const again = await Watched.open({ nowMs: NOW_MS, memory, checkpoints })
    expect((await again.told()).open).toStrictEqual(open)
    const areResting = () => [...again.watch.openExceptions()].map(each => each instanceof RestingException)
    expect(areResting()).toEqual([true, true])
    await again.say([event('wms', 'shipment.acknowledged', 'shipment/S-1', '01:30')])
    await again.told()
    expect(areResting()).toEqual([false])
    await again.close()
  })

  it('[X5] under other policies what a checkpoint holds is not believed', async () => {
    const checkpoints = checkpointsIn(new MemoryFiles())
    const { memory } = await openMemoryEngine()
    const first = await Watched.open({ nowMs: NOW_MS, memory, checkpoints })
    await first.say([...readyOrder('A1'), released('A1', 'S-1', '01:00')])
    expect((await first.told()).open).toHaveLength(2)
    await first.close()
    const lenient = policiesWith({ deadlines: [{ deadline: 'late_acknowledgement' }, { deadline: 'late_shipment' }] })
    const again = await Watched.open({ nowMs: NOW_MS, memory, checkpoints }, lenient)
    expect((await again.told()).open).toEqual([])
    await again.close()
  })
})
