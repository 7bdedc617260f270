import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { crashRun } from './crash-run.ts'

// Printed with every failure; another one each week would be as good.
const SEED = 20_261_121

test('[E5] [E9] killed 25 times under load, no acknowledged event is lost and none is there twice', async () => {
  const lines: string[] = []
  const report = await crashRun({
    folder: await temporaryFolder(),
    seed: SEED,
    cycles: 25,
    onCycle: (_, line) => lines.push(line),
  })
  expect(report.cycles).toBe(25)
  expect(report.acknowledged, lines.join('\n')).toBeGreaterThan(5_000)
}, 180_000)
