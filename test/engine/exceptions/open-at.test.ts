// What is open at a look, beside what was open at the one before.
import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { type Condition, condition, type OrderException } from '../../../engine/exceptions/condition.ts'
import { openAt } from '../../../engine/exceptions/exceptions.ts'
import type { Handling } from '../../../engine/exceptions/handling.ts'
import type { Place } from '../../../machines/ids.ts'

const [FIRST, SECOND] = ['0mk0jm3dp!!erp!e-1', '0mk0jm3dp!!erp!e-2'] as [Place, Place]
const NOW_MS = 10_000
const HANDLING: Handling = { steps: [], assigned: undefined }

const refused = (said: Partial<Condition> = {}): Condition =>
  condition('refused_event', {
    actor: 'order',
    part: 'erp/e-1',
    opensMs: 5_000,
    detail: 'order.closed of erp was refused',
    evidence: [FIRST],
    lines: ['10'],
    event: { source: 'erp', id: 'e-1' },
    cause: 'refused_event|erp|e-1',
    ...said,
  })
const missed = (): Condition => condition('promise_missed', { actor: 'order', opensMs: 4_000, detail: 'late' })

const openOf = (conditions: readonly Condition[], known?: readonly OrderException[]): readonly OrderException[] =>
  openAt(conditions, { family: 'A1', nowMs: NOW_MS, policies: DEFAULT_POLICIES, ...(known && { known }) })

describe('[X1] what was open before and is open still', () => {
  test('is the same list of the same objects where nothing differs', () => {
    const known = openOf([refused(), missed()])
    expect(known).toHaveLength(2)
    expect(openOf([refused(), missed()], known)).toBe(known)
    expect(openOf([], known)).toEqual([])
  })

  test('is the same object where another has come or gone beside it', () => {
    const [kept] = openOf([refused()]) as [OrderException]
    expect(openOf([missed(), refused()], [kept])).toContain(kept)
    const both = openOf([refused(), missed()])
    const [left] = openOf([missed()], both)
    expect(both).toContain(left)
  })

  const action = { words: 'Call them', by: 'erp' } as NonNullable<Condition['action']>
  test.each<Partial<Condition>>([
    { opensMs: 5_001 },
    { detail: 'other words' },
    { part: 'erp/e-2' },
    { actor: 'shipment/EAST/S-1' },
    { evidence: [SECOND] },
    { evidence: [FIRST, SECOND] },
    { evidence: [] },
    { lines: ['20'] },
    { dueMs: 6_000 },
    { team: 'logistics' },
    { severity: 'low' },
    { action },
    { cause: undefined },
    { cause: 'refused_event|erp|e-2' },
    { event: undefined },
    { event: { source: 'erp', id: 'e-2' } },
    { event: { source: 'crm', id: 'e-1' } },
    { handling: HANDLING },
  ])('is made anew where it differs: %j', said => {
    const [before, after] = [refused(), refused(said)]
    expect(openOf([after], openOf([before]))).toEqual(openOf([after]))
    expect(openOf([before], openOf([after]))).toEqual(openOf([before]))
    expect(openOf([after])).not.toEqual(openOf([before]))
  })
})
