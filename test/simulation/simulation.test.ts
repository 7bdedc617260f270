// The short form of `npm run simulate`: fixed seeds, and some of the commit's own. A failing seed is printed and shrunk.
import { describe, expect, test } from 'vitest'
import { commitSeed } from '../helpers/commit.ts'
import { campaign, EXPECTED } from './campaign.ts'
import { printed, readRegressions } from './regressions.ts'
import { failureOf, shrunk } from './shrink.ts'

// The number is only a date; any other finds as much.
const SEED = 20_261_121
const RUNS = 200
const OWN_RUNS = 10
const OWN_SEED = commitSeed()
console.log(OWN_SEED === undefined ? 'no commit here, no seed of its own' : `the commit's own seed: ${OWN_SEED}`)

describe('simulation', () => {
  test(`[E3] [E5] [E6] [E7] [E9] [E10] [J1] [J2] [P1] ${RUNS} worlds of faults from seed ${SEED}: nothing is lost, twice, or seen too early`, async () => {
    const { coverage, failure } = await campaign(SEED, runs => runs >= RUNS)
    if (failure !== undefined) expect.fail(printed(await shrunk(failure, 100)))
    expect(coverage.missing(EXPECTED)).toEqual([])
  }, 300_000)

  test.skipIf(OWN_SEED === undefined)(`${OWN_RUNS} worlds that no commit before tried`, async () => {
    const { failure } = await campaign(OWN_SEED ?? 0, runs => runs >= OWN_RUNS)
    if (failure !== undefined) expect.fail(printed(await shrunk(failure, 100)))
  })

  test('the same seed gives the same run', async () => {
    const [one, other] = [await campaign(SEED + 5, runs => runs >= 3), await campaign(SEED + 5, runs => runs >= 3)]
    expect([...one.coverage.counts]).toEqual([...other.coverage.counts])
    expect([one.entries, one.openings]).toEqual([other.entries, other.openings])
  })
})

describe('runs that once failed', () => {
  test.each(readRegressions())(
    '$file: $checker',
    async ({ expectedToFail, file: _file, title: _title, ...options }) => {
      const failure = await failureOf(options)
      if (expectedToFail === undefined) expect(failure && printed(failure)).toBeUndefined()
      else expect(failure?.checker, `${expectedToFail}: mended? then say so in the file`).toBe(options.checker)
    },
  )
})
