// Many writers on one order, over a real server; and the checker of such histories, held against wrong ones.
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../helpers/disk-store.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { configFile, serverProcess } from '../helpers/server-process.ts'
import { contest, flawsOfContest, type Write } from './writers.ts'

const SEED = 20_261_128

test('[E1] 64 writers on one order, each with the version it knows: one winner per version, losers hear the current one', async () => {
  const server = await serverProcess(await configFile(await temporaryFolder(), SOURCES))
  onTestFinished(() => server.kill())
  const history = await contest({ url: server.url, order: 'O-1', seed: SEED, writers: 64, versionMax: 21 })
  expect(flawsOfContest(history), `seed ${SEED}`).toEqual([])
  expect(history.filter(write => write.outcome === 'accepted').length).toBeGreaterThanOrEqual(20)
  expect(history.some(write => write.outcome === 'version_conflict')).toBe(true)
})

test('a history that fits no order is told', () => {
  const write = (more: Partial<Write>): Write => ({
    writer: 1,
    calledMs: 0,
    answeredMs: 1,
    expected: 1,
    outcome: 'accepted',
    version: 2,
    ...more,
  })
  const lost = { outcome: 'version_conflict', expected: 1 } as const
  const second = write({ calledMs: 2, answeredMs: 3, expected: 2, version: 3 })
  expect(flawsOfContest([write({}), second, write({ ...lost, calledMs: 2, answeredMs: 3, version: 2 })])).toEqual([])
  const wrong: readonly (readonly Write[])[] = [
    [write({}), write({ writer: 2 })],
    [write({}), write({ expected: 3, version: 4 })],
    [write({ calledMs: 5, answeredMs: 6 }), second],
    [write({}), second, write({ ...lost, calledMs: 4, answeredMs: 5, version: 2 })],
    [write({ calledMs: 5, answeredMs: 6 }), write({ ...lost, calledMs: 2, answeredMs: 3, version: 2 })],
    [write({}), write({ ...lost, version: 1 })],
    [write({}), write({ ...lost, version: 9 })],
    [write({ outcome: 'parked' })],
  ]
  for (const history of wrong) expect(flawsOfContest(history)).toHaveLength(1)
})
