// Whether a day fits, in words.
import { expect, test } from 'vitest'
import { dues } from '../../bench/network/day.ts'
import { busiestSecond, type Fared, fitText } from '../../bench/network/keeping-up.ts'
import { flashSale } from '../../bench/network/scenarios/flash-sale.ts'
import { monthEnd } from '../../bench/network/scenarios/month-end.ts'

const due = (...times: readonly number[]) => times.map(atMs => ({ atMs, event: {} as never }))

test('the busiest second is any second, over all sources, as played and at the own pace of the day', () => {
  const bySource = new Map([
    ['erp', due(0, 900, 1_000, 1_800)],
    ['webshop', due(950, 5_000)],
  ] as const)
  expect(busiestSecond({ bySource, realPerSimulated: 0.1 })).toEqual({ played: 4, own: 2 })
  expect(busiestSecond({ bySource, realPerSimulated: 0 })).toEqual({ played: 4, own: undefined })
})

test.each([flashSale, monthEnd])(
  'a day that is played more slowly has no busier second, and its own stays: $about',
  scenario => {
    const [fast, slow] = [10, 1_000].map(seconds =>
      busiestSecond(dues({ scenario: { ...scenario, seconds }, seed: 1, orders: 300 })),
    )
    expect(slow?.own).toBe(fast?.own)
    expect(slow?.played).toBeLessThan(fast?.played ?? 0)
    expect(slow?.played).toBeGreaterThanOrEqual(slow?.own ?? 0)
  },
)

const fared: Fared = {
  deliveries: 60_000,
  busiest: { played: 8_000, own: 12 },
  slowest: { source: 'erp', p99Ms: 123.4 },
  backlogMax: 20_000,
  drainSeconds: 1.5,
  simulatedPerReal: 3_000,
  isHeldBack: false,
}
const late = { source: 'erp', p99Ms: 9_700 }

test('a day that fits says how far from itself it was played', () => {
  expect(fitText(fared)).toBe(
    'It fits, played 3,000 times as fast as the day itself: of each source 99 of 100 were answered within 123 ms. In its busiest second 8,000 events were due; at its own pace 12 would be.',
  )
})

test('one source that waits is enough for a day that does not fit', () => {
  expect(fitText({ ...fared, slowest: late })).toMatch(
    /^It does not fit, played 3,000 times .*: of erp one of 100 waited for more than 9\.7 s, 20,000 events of all were due/,
  )
})

test('where something was held back, and is due at once, nothing is said of fitting', () => {
  const text = fitText({ ...fared, slowest: late, isHeldBack: true })
  expect(text).toMatch(/^It fell behind, played .*, what was held back included: .*answered 1\.5 s after it was due/)
  expect(text).not.toContain('fit')
})

test('a burst says when the last of it was answered', () => {
  expect(fitText({ ...fared, deliveries: 9_000, simulatedPerReal: undefined })).toBe(
    '9,000 came at once, and the last was answered 1.5 s later.',
  )
})
