// What came in a second of a day that was played.
import { expect, test } from 'vitest'
import type { Progress } from '../../bench/network/network-client.ts'
import { rates } from '../../bench/network/network-findings.ts'

const progress = (...counts: readonly (readonly [ms: number, due: number])[]): readonly Progress[] =>
  counts.map(([ms, due]) => ({ ms, due, answered: due / 2 }))

test('what is all due at once is so many a second, not five times as many', () => {
  const burst = progress([0, 10_000], [200, 10_000], [400, 10_000])
  expect(rates(burst, 'due')).toEqual([
    [0, 10_000],
    [0.2, 10_000],
    [0.4, 10_000],
  ])
  expect(rates(burst, 'answered').map(([, rate]) => rate)).toEqual([5_000, 5_000, 5_000])
})

test('a second later it is no more among what came', () => {
  const young = progress([0, 100], [200, 100], [1_200, 130])
  expect(rates(young, 'due').map(([, rate]) => rate)).toEqual([100, 100, 30])
})

test('where nobody looked for longer, it is so many a second of that time', () => {
  const late = progress([0, 0], [4_000, 800], [5_000, 900])
  expect(rates(late, 'due').map(([, rate]) => rate)).toEqual([0, 200, 100])
})
