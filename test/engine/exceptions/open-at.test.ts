// What is open at a look, beside what was open at the one before.
import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { type Condition, condition, type OrderException } from '../../../engine/exceptions/condition.ts'
import { openAt } from '../../../engine/exceptions/exceptions.ts'
import type { Handling } from '../../../engine/exceptions/handling.ts'
import type { Place } from '../../../machines/ids.ts'

const [FIRST, SECOND] = ['0mk0jm3dp!!erp!e-1', '0mk0jm3dp!!erp!e-2'] as [Place, Place]
const NOW_MS = 10_000
type Action = NonNullable<Condition['action']>
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

  test('is the same object after it was kept as JSON, and where its action is made at each look', () => {
    const calls = () => refused({ action: { words: 'Call them', by: 'erp' } as Action })
    const known = openOf([calls(), missed()])
    const kept = JSON.parse(JSON.stringify(known)) as readonly OrderException[]
    expect(openOf([calls(), missed()], kept)).toBe(kept)
  })

  test('is found wherever it was, of few, and costs no more of many than it is worth', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => refused({ part: `erp/${index}`, opensMs: index }))
    const known = openOf(many)
    expect(openOf(many, known)).toBe(known)
    expect(openOf(many.toReversed(), known)).toEqual(known)
    const few = many.slice(0, 30)
    expect(new Set(openOf(few.toReversed(), openOf(few)))).toEqual(new Set(openOf(few)))
  })

  // What the defaults of its kind and its time come to, said outright: nothing but what is named differs.
  const [{ action, dueMs, severity, team }] = openOf([refused()]) as [OrderException]
  const outright = { action, dueMs, severity, team }
  const OTHERWISE: Required<{ readonly [Key in keyof Condition]: readonly Partial<Condition>[] }> = {
    kind: [{ kind: 'parked_too_long' }, { ...outright, kind: 'parked_too_long' }],
    actor: [{ actor: 'shipment/EAST/S-1' }],
    part: [{ part: 'erp/e-2' }],
    opensMs: [{ opensMs: 5_001 }, { ...outright, opensMs: 5_001 }],
    detail: [{ detail: 'other words' }],
    evidence: [{ evidence: [SECOND] }, { evidence: [FIRST, SECOND] }, { evidence: [] }],
    lines: [{ lines: ['20'] }],
    dueMs: [{ dueMs: 6_000 }],
    team: [{ team: 'logistics' }],
    severity: [{ severity: 'low' }, { ...outright, severity: 'low' }],
    action: [{ action: { words: 'Call them', by: 'erp' } as Action }],
    cause: [{ cause: undefined }, { cause: 'refused_event|erp|e-2' }],
    event: [{ event: undefined }, { event: { source: 'erp', id: 'e-2' } }, { event: { source: 'crm', id: 'e-1' } }],
    handling: [{ handling: HANDLING }],
  }
  test.each(Object.values(OTHERWISE).flat())('is made anew where it differs: %j', said => {
    const [before, after] = [refused(), { ...refused(), ...said }]
    expect(openOf([after], openOf([before]))).toEqual(openOf([after]))
    expect(openOf([before], openOf([after]))).toEqual(openOf([before]))
    expect(openOf([after])).not.toEqual(openOf([before]))
  })
})
