// While the journal writes, what waits for the next turn is read, and nothing of it decided.
import { expect, test } from 'vitest'
import { AHEAD_MAX_MS, type EventInput } from '../../../machines/event.ts'
import { captured, event } from '../../helpers/distributor.ts'
import { DAY_START_MS, held, openMemoryEngine } from '../../helpers/memory-engine.ts'

/** An engine that takes one event a turn, and whose next append waits until `written` is called. */
async function writing() {
  // The first commit is of the store's settings.
  const { commit, isWriting, written } = held(2)
  const { clock, engine } = await openMemoryEngine({ commit, limits: { batchEventsMax: 1 } })
  return { clock, engine, isWriting, written }
}

/** `input`, which counts how often it was read. */
function counted(input: EventInput) {
  const reads = { count: 0, first: Promise.withResolvers<void>() }
  const counting = Object.defineProperty({ ...input }, 'specversion', {
    enumerable: true,
    get() {
      reads.count++
      reads.first.resolve()
      return '1.0'
    },
  })
  return { event: counting, reads }
}

test('[E2] what waits is read while an append is in flight, once, and decided behind it', async () => {
  const { engine, isWriting, written } = await writing()
  const { event: next, reads } = counted(event('erp', 'order.validated', 'order/O-1', '00:20'))
  const submitted = engine.submit([captured('O-1', '00:10'), next])
  await isWriting
  await reads.first.promise
  written()
  expect((await submitted).map(each => each.outcome)).toEqual(['accepted', 'accepted'])
  expect(reads.count).toBe(1)
})

test('[E2] [E4] an event too far ahead of the clock when it was read ahead is judged by the stamp of its turn', async () => {
  const { clock, engine, isWriting, written } = await writing()
  const late = { ...captured('O-2', '00:10'), time: new Date(DAY_START_MS + AHEAD_MAX_MS + 1_000).toISOString() }
  const { event: next, reads } = counted(late)
  const submitted = engine.submit([captured('O-1', '00:10'), next])
  await isWriting
  await reads.first.promise
  clock.nowMs += 1_000
  written()
  expect((await submitted).map(each => each.outcome)).toEqual(['accepted', 'accepted'])
})
