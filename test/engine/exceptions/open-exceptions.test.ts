// What is open, kept as objects or as bytes: nobody who reads it can tell which.
import { describe, expect, test } from 'vitest'
import { type Random, seededRandom } from '../../../connectors/simulated/random.ts'
import { DEFAULT_POLICIES } from '../../../engine/deadlines/policies.ts'
import { CATALOGUE, EXCEPTION_KINDS } from '../../../engine/exceptions/catalogue.ts'
import { type Condition, condition, exceptionOf, type OrderException } from '../../../engine/exceptions/condition.ts'
import { OpenExceptions } from '../../../engine/exceptions/open-exceptions.ts'
import { type OpenException, wholeOf } from '../../../engine/exceptions/open-list.ts'
import { type Place, placeOf } from '../../../machines/ids.ts'
import { allWrittenOut } from '../../helpers/sections.ts'

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

/** What is asked of one that rests without making it whole. */
const asked = ({ cause, class: its, dueMs, family, handling, key, kind, severity, team }: OpenException) => ({
  ...{ cause, class: its, dueMs, family, handling, key, kind, severity, team },
})

/** As it was kept, as bytes, as bytes that were saved and loaded, and as objects that were. */
function readBack(open: readonly OrderException[]) {
  const [resting, loaded, asObjects] = [new OpenExceptions(), new OpenExceptions(), new OpenExceptions()]
  resting.set(7, open)
  resting.rest(7)
  loaded.load(allWrittenOut(resting.saved()))
  asObjects.set(7, JSON.parse(JSON.stringify(open)))
  asObjects.rest(7)
  expect(Array.from(resting.all(), asked)).toStrictEqual(open.map(asked))
  return [resting.get(7), Array.from(resting.all(), wholeOf), loaded.get(7), asObjects.get(7)] as const
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

  test.each([
    ['of an event that counts', placeOf({ timeMs: 1, sequence: 4, source: 'erp', id: 'e-1' })],
    ['of another time', placeOf({ timeMs: 2, source: 'erp', id: 'e-1' })],
    ['of just this', placeOf({ timeMs: 1, source: 'erp', id: 'e-1' })],
    ['of none', undefined],
  ])('with the evidence %s', (_, place) => {
    for (const part of ['erp/e-1', '']) {
      const open = [opened('refused_event', { part, evidence: place === undefined ? [] : [place] })]
      for (const told of readBack(open)) expect(told).toStrictEqual(open)
    }
  })

  test.each(['é', 'e'.repeat(255), 'e'.repeat(256), '\u0000e\n', ''])('of an event with the id %j', id => {
    for (const source of ['erp', 'é', '', 'e'.repeat(300)]) {
      const part = `${source}/${id}`
      const open = [opened('refused_event', { part, event: { source, id }, cause: `refused_event|${source}|${id}` })]
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
    const details = () => said.map((_, row) => open.get(row)?.[0]?.detail)
    for (const row of said.keys()) open.rest(row)
    expect(details()).toEqual(said.map(({ detail }) => detail))
    // From the second time on a text is shared, as long as there is room.
    for (const [row, each] of said.entries())
      for (let times = 0; times < 2; times++) {
        open.set(row, [each])
        open.rest(row)
      }
    expect(details()).toEqual(said.map(({ detail }) => detail))
  })
})

test('each family is there once, as objects or as bytes, and gone when nothing is open in it', () => {
  const open = new OpenExceptions()
  open.set(1, [opened('lost')])
  open.set(2, [opened('delayed')])
  open.rest(2)
  open.rest(3)
  const kinds = () => Array.from(open.all(), ({ kind }) => kind)
  expect([open.size, open.rows(), kinds()]).toEqual([2, [1], ['lost', 'delayed']])
  open.set(2, [opened('damaged')])
  expect([open.size, open.rows(), kinds()]).toEqual([2, [1, 2], ['lost', 'damaged']])
  open.rest(2)
  for (const row of [1, 2, 3]) open.set(row, [])
  expect([open.size, open.rows(), kinds(), open.get(2)]).toEqual([0, [], [], undefined])
})

const ROWS = 50

/** Up to two of a family, of parts and with members that are usual or not. */
function someOpen(random: Random, row: number): readonly OrderException[] {
  const members = Object.keys(UNUSUAL) as (keyof Condition)[]
  return Array.from({ length: random.whole(3) }, (_, at) => {
    const id = `e-${row}-${random.whole(3)}`
    const event = random.chance(0.8) ? { source: random.chance(0.5) ? 'erp' : 'wms', id } : undefined
    const unusual = members.filter(() => random.chance(0.1)).map(member => [member, UNUSUAL[member]])
    return exceptionOf(
      {
        ...condition('refused_event', {
          actor: 'order',
          part: event === undefined ? `${at}` : `${event.source}/${id}`,
          opensMs: random.whole(1_000),
          detail: `said in ${random.whole(5)} words`,
          cause: event && random.chance(0.7) ? `refused_event|${event.source}|${id}` : undefined,
          event,
        }),
        ...Object.fromEntries(unusual),
      },
      `SO-${row}`,
      DEFAULT_POLICIES,
    )
  })
}

type Model = Map<number, readonly OrderException[]>

/** Exceptions, what they should be by row, and something that changes both and tells where. */
function modelled(seed: number) {
  const random = seededRandom(seed)
  const open = new OpenExceptions()
  const model: Model = new Map()
  const change = (times: number): ReadonlySet<number> => {
    const rows = Array.from({ length: times }, () => random.whole(ROWS))
    for (const row of rows) {
      if (random.chance(0.4)) {
        const found = someOpen(random, row)
        open.set(row, found)
        if (found.length === 0) model.delete(row)
        else model.set(row, found)
      } else open.rest(row)
    }
    return new Set(rows)
  }
  return { open, model, change }
}

const byName = (all: Iterable<OpenException>) =>
  Array.from(all, wholeOf).sort((a, b) => (`${a.family} ${a.key}` < `${b.family} ${b.key}` ? -1 : 1))

function expectSame(open: OpenExceptions, model: Model): void {
  for (let row = 0; row < ROWS; row++) expect(open.get(row)).toStrictEqual(model.get(row))
  expect(byName(open.all())).toStrictEqual(byName([...model.values()].flat()))
  expect(Array.from(open.all(), ({ cause }) => cause)).toEqual(Array.from(open.all(), each => wholeOf(each).cause))
  expect(open.all().length).toBe([...model.values()].flat().length)
  expect(open.size).toBe(model.size)
}

describe('whatever is found, settled and left to rest', () => {
  test.each([1, 2, 3, 4, 5, 6])('it is told as objects alone would be: seed %i', seed => {
    const { change, model, open } = modelled(seed)
    for (let round = 0; round < 20; round++) {
      change(20)
      expectSame(open, model)
    }
  })

  test.each([1, 2, 3, 4, 5, 6])('a list stays what it was: seed %i', seed => {
    const { change, model, open } = modelled(seed)
    change(200)
    const list = open.all()
    const then = byName([...model.values()].flat())
    change(200)
    expect(byName(list)).toStrictEqual(then)
  })

  test.each([1, 2, 3, 4, 5, 6])(
    '[X5] a checkpoint has what it was, also where it rests while that is written: seed %i',
    seed => {
      const { change, model, open } = modelled(seed)
      change(200)
      const then = new Map(model)
      const changed = new Set<number>()
      const changes = () => {
        for (const row of change(1)) changed.add(row)
      }
      const [sections, rows] = [open.saved(), open.rows()]
      const written: Record<string, Uint8Array> = {}
      for (const [name, content] of Object.entries(sections)) {
        const parts: Uint8Array[] = []
        for (const part of content instanceof Uint8Array ? [content] : content) {
          changes()
          parts.push(Uint8Array.from(part))
        }
        written[name] = Buffer.concat(parts)
      }
      const loaded = new OpenExceptions()
      expect(loaded.load(written)).toBe(true)
      for (const row of rows) {
        changes()
        loaded.set(row, JSON.parse(JSON.stringify(open.get(row) ?? [])))
        loaded.rest(row)
      }
      const stayed = Array.from({ length: ROWS }, (_, row) => row).filter(row => !changed.has(row))
      expect(stayed.length).toBeGreaterThan(10)
      for (const row of stayed) expect(loaded.get(row)).toStrictEqual(then.get(row))
      // What changed is looked at again: it may be told as it was or as it is.
      for (const row of changed) loaded.set(row, [])
      expect(loaded.size).toBe(stayed.filter(row => then.has(row)).length)
      expectSame(open, model)
    },
  )

  test('[X5] of a checkpoint that lacks something nothing is believed', () => {
    const { change, open } = modelled(1)
    change(200)
    const sections = allWrittenOut(open.saved())
    for (const name of Object.keys(sections)) {
      const { [name]: _, ...others } = sections
      expect([name, new OpenExceptions().load(others)]).toEqual([name, false])
    }
  })
})
