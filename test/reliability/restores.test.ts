import { expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { restores } from './restores.ts'

const SEED = 20_261_128

test('[J2] [J5] 3 backups under load, each restored to a random position: what was there then, and the same chain', async () => {
  expect(await restores({ folder: await temporaryFolder(), seed: SEED, rounds: 3 })).toBeGreaterThan(1_000)
}, 120_000)
