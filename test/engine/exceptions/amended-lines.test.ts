import { describe, expect, it } from 'vitest'
import { desk, msAt } from '../../helpers/desk.ts'
import { at, event, lineOf, readyOrder, released } from '../../helpers/distributor.ts'

const SOON = at('03:00')
const LATER = at('05:00')
const amended = (time: string, data: object) => event('erp', 'order.amended', 'order/A1', time, data)
const ownPromise = readyOrder('A1', { promisedAt: LATER, lines: [{ ...lineOf(10), promisedAt: LATER }] })

describe('what was amended', () => {
  it('[X1] is no other date for a shipment whose lines all have their own', () => {
    const told = desk()
    told.say(...ownPromise, released('A1', 'S-1', '01:00'), amended('01:10', { promisedAt: SOON }))
    expect(told.kinds('A1', '01:20')).not.toContain('stale_instruction')
    told.say(amended('01:20', { lines: [{ line: '1', promisedAt: SOON }] }))
    expect(told.kinds('A1', '01:20')).toContain('stale_instruction')
  })

  it('[X1] is another for one of which a line goes by that of the order', () => {
    const told = desk()
    told.say(...readyOrder('A1'), released('A1', 'S-1', '01:00'), amended('01:10', { promisedAt: LATER }))
    expect(told.kinds('A1', '01:20')).toContain('stale_instruction')
  })

  it('[X2] is the evidence of a promise that is missed, where it is what promised', () => {
    const evidence = (...events: readonly ReturnType<typeof event>[]) => {
      const told = desk()
      told.say(...ownPromise, ...events)
      const missed = told.open('A1', '06:00').find(({ kind }) => kind === 'promise_missed')
      expect(missed?.opensMs).toBe(msAt(events.length > 1 ? '03:00' : '05:00'))
      return told.world.history('A1').flatMap(each => (missed?.evidence.includes(each.place) ? each.event : []))
    }
    const [ofOrder, ofLine] = [
      amended('01:10', { promisedAt: SOON }),
      amended('01:20', { lines: [{ line: '1', promisedAt: SOON }] }),
    ]
    expect(evidence(ofOrder).map(({ type }) => type)).toEqual(['order.captured'])
    expect(evidence(ofOrder, ofLine).map(({ id }) => id)).toEqual([ofLine.id])
  })
})
