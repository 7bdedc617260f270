// What is open, kept as objects or as text: nobody who reads it can tell which.
import { describe, expect, test } from 'vitest'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { CATALOGUE, EXCEPTION_KINDS } from '../../../engine/exceptions/catalogue.ts'
import { type Condition, condition, exceptionOf, type OrderException } from '../../../engine/exceptions/condition.ts'
import { OpenExceptions, wholeOf } from '../../../engine/exceptions/open-exceptions.ts'
import type { Place } from '../../../machines/ids.ts'

const PLACES = ['0mk0jm3dp!!erp!e-1', '0mk0jm3dp!!erp!e-2'] as Place[]
const STEP = {
  kind: 'assigned' as const,
  by: 'ann',
  act: 'a-1',
  atMs: 7,
  position: 9,
  text: 'ours',
  team: 'finance' as const,
  person: 'bob',
}

/** Of each member of a condition one that most do not have. */
const UNUSUAL: { readonly [Member in keyof Condition]-?: Condition[Member] } = {
  kind: 'lost',
  actor: 'shipment:S-1',
  part: 'a|"b"\u0000é',
  opensMs: 4_711,
  detail: 'said "so"\n',
  evidence: PLACES,
  lines: ['10', '20'],
  dueMs: 4_712,
  team: 'logistics',
  severity: 'low',
  action: { words: 'Call them', by: 'erp', event: 'order.amended' },
  cause: 'lost|C-1',
  event: { source: 'erp', id: 'e-1' },
  handling: { steps: [STEP], assigned: STEP },
}

const opened = (kind: keyof typeof CATALOGUE, said: Partial<Condition> = {}): OrderException =>
  exceptionOf({ ...condition(kind, { actor: 'order', opensMs: 1, detail: kind }), ...said }, 'SO-1', DEFAULT_POLICIES)

/** As it was kept, as text, as text that was saved and loaded, and as objects that were. */
function readBack(open: readonly OrderException[]) {
  const [resting, loaded, asObjects] = [new OpenExceptions(), new OpenExceptions(), new OpenExceptions()]
  resting.set(7, open)
  resting.rest(7)
  loaded.load(7, JSON.parse(JSON.stringify(resting.saved(7))))
  asObjects.load(7, JSON.parse(JSON.stringify(open)))
  return [resting.get(7), [...resting.all()].map(wholeOf), loaded.get(7), asObjects.get(7)] as const
}

describe('[X1] what stands open in a family that rests is told as it was', () => {
  test.each(EXCEPTION_KINDS)('of the kind %s', kind => {
    const open = [opened(kind), opened(kind, { severity: 'critical', team: 'finance', lines: ['10'] })]
    for (const told of readBack(open)) expect(told).toStrictEqual(open)
  })

  test.each(Object.keys(UNUSUAL) as (keyof Condition)[])('with an unusual %s', member => {
    const open = [opened('credit_hold', { [member]: UNUSUAL[member] })]
    for (const told of readBack(open)) expect(told).toStrictEqual(open)
  })

  test.each([
    ['the event it is told by', 'erp/e-1', { source: 'erp', id: 'e-1' }],
    ['another event of that source', 'erp/e-1', { source: 'erp', id: 'e-2' }],
    ['an event whose id has a slash', 'erp/a/b', { source: 'erp', id: 'a/b' }],
    ['an event, told by nothing', '', { source: 'erp', id: 'e-1' }],
    ['none, told by an event', 'erp/e-1', undefined],
  ])('with %s behind it', (_, part, event) => {
    const causes = [undefined, 'refused_event|erp|e-1', 'refused_event|erp|a/b', 'refused_event|erp|e-2']
    for (const cause of causes) {
      const open = [
        opened('refused_event', { part, event, cause, evidence: [...PLACES, '0mk0jm3dp!!erp!a/b' as Place] }),
      ]
      for (const told of readBack(open)) expect(told).toStrictEqual(open)
    }
  })

  test('in the words of the catalogue itself, so that a look finds it the same', () => {
    for (const told of readBack([opened('lost')])) expect(told?.[0]?.action).toBe(CATALOGUE.lost.action)
  })

  test('however many different things are said', () => {
    const open = new OpenExceptions()
    const said = Array.from({ length: 5_000 }, (_, row) => opened('delayed', { detail: `by ${row} days` }))
    for (const [row, each] of said.entries()) open.set(row, [each])
    for (const row of said.keys()) open.rest(row)
    expect(said.map((_, row) => open.get(row)?.[0]?.detail)).toEqual(said.map(({ detail }) => detail))
  })
})

test('each family is there once, as objects or as text, and gone when nothing is open in it', () => {
  const open = new OpenExceptions()
  open.set(1, [opened('lost')])
  open.set(2, [opened('delayed')])
  open.rest(2)
  open.rest(3)
  const kinds = () => [...open.all()].map(({ kind }) => kind)
  expect([open.size, [...open.rows()], kinds()]).toEqual([2, [1, 2], ['lost', 'delayed']])
  open.set(2, [opened('damaged')])
  expect([open.size, [...open.rows()], kinds()]).toEqual([2, [1, 2], ['lost', 'damaged']])
  open.rest(2)
  for (const row of [1, 2, 3]) open.set(row, [])
  expect([open.size, [...open.rows()], kinds(), open.get(2)]).toEqual([0, [], [], undefined])
})
