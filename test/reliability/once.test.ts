import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { onceRun } from './once.ts'

const SEED = 20_261_128

test('[E5] [E7] 4,000 events sent up to five times, some copies altered, through 2 kills: each has effect once', async () => {
  const report = await onceRun({ folder: await temporaryFolder(), seed: SEED, events: 4_000, kills: 2 })
  expect(report).toMatchObject({ events: 4_000, kills: 2 })
  expect(report.answered).toBeGreaterThan(10_000)
  expect(report.altered).toBeGreaterThan(500)
}, 120_000)
