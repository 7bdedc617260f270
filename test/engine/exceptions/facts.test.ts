import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../../connectors/simulated/random.ts'
import { factsWith, type ShipmentFacts } from '../../../engine/exceptions/facts.ts'
import { Marks } from '../../../engine/exceptions/marks.ts'
import { damagedOf, endOf, isDelivered } from '../../../machines/shipment/context.ts'
import { isNothingLeft } from '../../../machines/shipment/gates.ts'
import { SOURCES } from '../../helpers/distributor.ts'
import { legalTrace } from '../../helpers/legal-traces.ts'
import { MemoryWorld } from '../../helpers/memory-world.ts'
import { shuffled } from '../../helpers/orderings.ts'

/** What facts say of a shipment, and the same from everything that its context holds. */
function told(shipment: ShipmentFacts) {
  const { context, hasEnded, hasLeft, isDamaged, isShort, left } = shipment
  const { attemptPlace, deliveries, ends, milestones } = context
  const gone = [
    milestones['shipment.confirmed'],
    milestones['shipment.in_transit'],
    milestones['shipment.out_for_delivery'],
    ...Object.values(deliveries),
    ...Object.values(ends),
  ].flatMap(each => each?.place ?? [])
  const first = [...gone, ...(attemptPlace === undefined ? [] : [attemptPlace])].sort()[0]
  return {
    facts: { hasLeft, left, isShort, isDamaged, hasEnded },
    whole: {
      hasLeft: first !== undefined,
      left: first,
      isShort: context.short.some(each => each > 0),
      isDamaged: context.lines.some((_, at) => damagedOf(context, at) > 0),
      hasEnded: isDelivered(context) || endOf(context) !== undefined || isNothingLeft(context),
    },
  }
}

describe('facts of a shipment', () => {
  it('[X3] are what its whole context says, after each event, in any order', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const world = new MemoryWorld({ sources: SOURCES, once: true })
      for (const each of shuffled(legalTrace({ seed }).events, seededRandom(seed))) {
        world.submit(each)
        for (const family of world.families.values())
          for (const shipment of factsWith(family, new Marks()).shipments) {
            const { facts, whole } = told(shipment)
            expect(facts, `seed ${seed}: ${shipment.key} after ${each.type}`).toEqual(whole)
            for (const [name, value] of Object.entries(facts)) seen.add(`${name} ${typeof value} ${value === true}`)
          }
      }
    }
    // Each of the four was true of some and false of others, and when it left was known of some.
    expect(seen.size).toBe(4 * 2 + 2)
  })
})
