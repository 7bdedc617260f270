import { describe, expect, it } from 'vitest'
import { policiesWith, silentAfterMs, withinMs } from '../../../engine/deadlines/policies.ts'
import { desk } from '../../helpers/desk.ts'
import { event, readyOrder, released } from '../../helpers/distributor.ts'

const HOUR_MS = 3_600_000

describe('deadline policies', () => {
  const policies = policiesWith({
    deadlines: [
      { deadline: 'late_shipment', node: 'EAST', withinMs: 10 * HOUR_MS },
      { deadline: 'late_shipment', node: 'EAST', serviceLevel: 'next_day', withinMs: 2 * HOUR_MS },
      { deadline: 'late_acknowledgement', node: 'WEST' },
    ],
    silence: [
      { role: 'carrier', afterMs: 2 * HOUR_MS },
      { source: 'ups', afterMs: HOUR_MS },
    ],
  })

  it('[V3] the rule that names most of the scope counts', () => {
    expect(withinMs(policies, 'late_shipment', { node: 'EAST', serviceLevel: 'next_day' })).toBe(2 * HOUR_MS)
    expect(withinMs(policies, 'late_shipment', { node: 'EAST', serviceLevel: 'standard' })).toBe(10 * HOUR_MS)
    expect(withinMs(policies, 'late_shipment', { node: 'WEST' })).toBe(48 * HOUR_MS)
  })

  it('[V3] a node that owes no acknowledgement is never late with it', () => {
    expect(withinMs(policies, 'late_acknowledgement', { node: 'WEST' })).toBeUndefined()
    const told = desk(policies)
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00', 10, { node: 'WEST' }))
    expect(told.kinds('A1', 1_400)).toEqual([])
    told.say(event('3pl', 'shipment.confirmed', 'shipment/S-1', '02:00'))
    expect(told.kinds('A1', 1_400)).toEqual([])
  })

  it('silence is measured by source, then role, then for all systems', () => {
    expect(silentAfterMs(policies, { id: 'ups', role: 'carrier' })).toBe(HOUR_MS)
    expect(silentAfterMs(policies, { id: 'dhl', role: 'carrier' })).toBe(2 * HOUR_MS)
    expect(silentAfterMs(policies, { id: 'erp', role: 'erp' })).toBe(24 * HOUR_MS)
    expect(silentAfterMs(policies, { id: 'ann', role: 'operator' })).toBeUndefined()
  })
})
