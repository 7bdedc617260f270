// The short form of the runs on real disks. Where the machine does not let us, they are skipped, and the reason is printed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { failedCalls, fullDisks, powerCuts, randomCalls } from './disk-runs.ts'
import { whyNoInjection, whyNoMounts } from './real-disk.ts'

const SEED = 20_261_121
const CALLS = 20
const probe = mkdtempSync(join(tmpdir(), 'ordertwin-probe-'))
const noMounts = whyNoMounts(probe)
const noInjection = whyNoInjection()
rmSync(probe, { recursive: true })
if (noMounts !== undefined) console.log(`power cuts and full disks are skipped: ${noMounts}`)
if (noInjection !== undefined) console.log(`failed system calls are skipped: ${noInjection}`)

describe.skipIf(noMounts !== undefined)('file systems of our own', () => {
  test('[J1] [S1] the power goes 10 times under load: all that was acknowledged is there', async () => {
    expect(await powerCuts({ folder: await temporaryFolder(), seed: SEED, rounds: 10 })).toBeGreaterThan(50)
  }, 120_000)

  test('[E8] a full disk is refused by name, three times, and nothing is lost', async () => {
    expect(await fullDisks({ folder: await temporaryFolder(), seed: SEED, rounds: 3 })).toBe(60)
  }, 120_000)
})

describe.skipIf(noInjection !== undefined)('system calls that fail', () => {
  test(`[J3] [S3] ${CALLS} times fdatasync or pwrite64 fails at another moment: 503, not ready, nothing lost`, async () => {
    await failedCalls({ folder: await temporaryFolder(), seed: SEED }, randomCalls(SEED, CALLS))
  }, 240_000)
})
