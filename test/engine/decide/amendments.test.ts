import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { applied } from '../../../engine/entry.ts'
import { packEntry, unpackEntry, verdictNumber } from '../../../engine/entry-codec.ts'
import type { EventInput } from '../../../machines/event.ts'
import {
  captured,
  event,
  lineOf,
  type OrderLineSaid,
  readyOrder,
  released,
  SOURCES,
} from '../../helpers/distributor.ts'
import { MemoryWorld, orderOf } from '../../helpers/memory-world.ts'
import { shuffled } from '../../helpers/orderings.ts'

const amended = (minute: number, lines: readonly object[]): EventInput =>
  event('erp', 'order.amended', 'order/O-1', minute, { lines })

const linesFrom = (first: number, count: number, quantity = 5): readonly OrderLineSaid[] =>
  Array.from({ length: count }, (_, index) => lineOf(quantity, String(first + index)))

function worldWith(events: readonly EventInput[]): MemoryWorld {
  const world = new MemoryWorld({ sources: SOURCES })
  for (const each of events) expect(world.submit(each).outcome).toMatch(/accepted|superseded|parked/)
  return world
}

describe('amendments of long orders', () => {
  const SEED = 20_261_121
  const random = seededRandom(SEED)
  const capture = captured('O-1', 10, { lines: linesFrom(100, 20) })
  const amendments = [
    amended(20, linesFrom(90, 12, 7)),
    amended(21, [...linesFrom(1_000, 9, 8), { ...lineOf(4, '1003'), description: 'said twice' }]),
    amended(22, [{ line: '105', description: 'ten' }, { line: '95', quantity: 3 }, ...linesFrom(200, 5)]),
    amended(23, [...linesFrom(115, 10, 9), ...linesFrom(1_001, 2)]),
  ]

  test(`[C3] [E6] lines come to the same in whatever order amendments bring them (seed ${SEED})`, () => {
    const inOrder = orderOf(worldWith([capture, ...amendments]).family('O-1'))
    const numbers = inOrder.lines.map(({ line }) => line)
    const added = numbers.slice(20)
    expect([numbers.slice(0, 20), added]).toEqual([linesFrom(100, 20).map(({ line }) => line), [...added].sort()])
    expect(inOrder.lines.find(({ line }) => line === '1003')).toMatchObject({ ordered: 8, description: 'said twice' })
    for (let round = 0; round < 12; round++) {
      const order = orderOf(worldWith(shuffled([capture, ...amendments], random)).family('O-1'))
      expect([order.lines, order.quantities]).toEqual([inOrder.lines, inOrder.quantities])
    }
  })

  test('[E6] what an amendment adds to a long order is said by itself, and makes the same family again', () => {
    const world = worldWith([
      captured('O-1', 10, { lines: linesFrom(10_000, 2_000) }),
      amended(20, linesFrom(5_000, 40)),
    ])
    const before = world.family('O-1')
    const { entries } = world.submit(amended(30, [{ line: '10100', quantity: 6 }, ...linesFrom(5_020, 40)]))
    const [entry] = entries
    if (entry === undefined) throw new Error('the amendment came to nothing')
    const body = packEntry(entry).slice()
    // The lines alone take 50 KB.
    expect(body.length).toBeLessThan(15_000)
    const { position, previous, recordedMs, verdict } = entry
    const again = unpackEntry({ position, previous, recordedMs, verdict: verdictNumber(verdict), body })
    expect(applied(before, again)).toEqual(world.family('O-1'))
    expect(again.changes.map(({ elements, inserts }) => [elements?.lines?.length, inserts?.lines?.length])).toEqual([
      [2 * 21, 2 * 20],
    ])
  })

  test('[C4] what a release holds of a line stays locked among many, and what it does not hold is free', () => {
    const lines = linesFrom(1, 30)
    const world = worldWith([...readyOrder('O-1', { lines }), released('O-1', 'S-1', '01:00', 5)])
    const answer = world.submit(
      amended(
        90,
        lines.map(({ line }) => ({ line, item: 'OTHER' })),
      ),
    )
    expect(answer.detail.locked).toEqual(['lines.1.item'])
  })
})
