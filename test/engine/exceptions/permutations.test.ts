import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { conditionsOf, openAt } from '../../../engine/exceptions/exceptions.ts'
import { factsOf } from '../../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../../engine/exceptions/ledger.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import type { MemoryWorld } from '../../helpers/memory-world.ts'
import { difference, duplicated, heard, shuffled } from '../../helpers/orderings.ts'

const around = { policies: DEFAULT_POLICIES }
const CLOCKS = [Date.UTC(2026, 10, 21, 12), Date.UTC(2026, 10, 23), Date.UTC(2026, 11, 30)]

/** Open exceptions of all families at some clock times, as lines of text. */
const openIn = (world: MemoryWorld): readonly string[] =>
  [...world.families].flatMap(([id, family]) => {
    const conditions = conditionsOf(factsOf(family, ledgerOf(world.history(id))), around)
    return CLOCKS.flatMap(nowMs =>
      openAt(conditions, { family: id, nowMs, policies: DEFAULT_POLICIES }).map(
        each => `${id} at ${nowMs}: ${each.key} since ${each.opensMs} due ${each.dueMs}: ${each.detail}`,
      ),
    )
  })

describe('the order of arrival', () => {
  const seeds = Array.from({ length: 60 }, (_, index) => index + 1)
  it.each(seeds)('[X3] changes no open exception: legal trace %i, shuffled and with duplicates', seed => {
    const trace = legalTrace({ seed, steps: 40 })
    const expected = openIn(heard(trace.events))
    const random = seededRandom(seed)
    for (let round = 0; round < 2; round++) {
      const world = heard(duplicated(shuffled(trace.events, random), random))
      expect(difference(expected, openIn(world)), `seed ${seed}, round ${round}`).toEqual([])
    }
  })
})
