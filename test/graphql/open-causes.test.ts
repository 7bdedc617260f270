import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { DEFAULT_POLICIES } from '../../engine/deadlines/policies.ts'
import { SEVERITIES } from '../../engine/exceptions/catalogue.ts'
import { condition, exceptionOf, type OrderException } from '../../engine/exceptions/condition.ts'
import { OpenExceptions } from '../../engine/exceptions/open-exceptions.ts'
import type { OpenException, OpenList } from '../../engine/exceptions/open-list.ts'
import { type CauseRow, OpenCauses } from '../../graphql/desk/open-causes.ts'
import { cursorOf, placeAfter } from '../../graphql/views/exceptions.ts'

const of = (family: string, part: string, more: { cause?: string; dueMs?: number; rank?: number } = {}) =>
  exceptionOf(
    condition('refused_event', {
      actor: 'order',
      part,
      opensMs: 1,
      detail: 'it was refused',
      cause: more.cause,
      dueMs: more.dueMs ?? 5,
      severity: SEVERITIES[more.rank ?? 0],
    }),
    family,
    DEFAULT_POLICIES,
  )

/** Few causes, due times and names, so that many are alike in some of them; one in two of a family that rests. */
function someOpen(seed: number, count: number): OpenList {
  const random = seededRandom(seed)
  const open = new OpenExceptions()
  for (let family = 0; family < count; family++) {
    const own = Array.from({ length: random.whole(3) }, (_, part) =>
      of(`SO-${family}`, `${part}`, {
        cause: random.chance(0.5) ? `load-${random.whole(count / 3)}` : undefined,
        dueMs: random.whole(4),
        rank: random.whole(SEVERITIES.length),
      }),
    )
    open.set(family, own)
    if (random.chance(0.5)) open.rest(family)
  }
  return open.all()
}

type IsWanted = (exception: OpenException) => boolean

/** The same list as nobody would make it of many: all of it sorted. */
function listOf(open: readonly OpenException[], isWanted: IsWanted) {
  const name = ({ dueMs, family, key, severity }: OpenException) =>
    `${SEVERITIES.indexOf(severity)} ${dueMs} ${key} ${family}`
  const sorted = open.toSorted((a, b) => (name(a) < name(b) ? -1 : 1))
  const wanted = sorted.filter(isWanted)
  return wanted
    .filter((each, at) => wanted.findIndex(({ cause }) => cause === each.cause) === at)
    .map(first => {
      const sharing = ({ cause }: OpenException) => cause === first.cause
      const orders = [first, ...sorted.filter(sharing)].map(({ family }) => family)
      return { first: name(first), orders: [...new Set(orders)], selected: wanted.filter(sharing).map(name) }
    })
}

const placeOf = (exception: OpenException) => cursorOf({ exception })
const told = ({ exception, orders, selected }: CauseRow) => ({
  first: placeOf(exception),
  orders,
  selected: selected.map(placeOf),
})
function asPlace(name: string) {
  const [rank, due, ...rest] = name.split(' ')
  return Buffer.from(`${rank} ${due?.padStart(16, '0')} ${rest.join(' ')}`).toString('base64url')
}
const asListed = ({ first, orders, selected }: ReturnType<typeof listOf>[number]) => ({
  first: asPlace(first),
  orders,
  selected: selected.map(asPlace),
})

const all = () => true

describe('rows of open exceptions', () => {
  it('[Q25] page by page, of any size, they are all that a list of everything has, in its order', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const open = someOpen(seed, 60)
      const isWanted: IsWanted = seed % 2 === 0 ? all : ({ dueMs }) => dueMs !== 2
      const expected = listOf([...open], isWanted).map(asListed)
      const causes = await OpenCauses.of(open, isWanted)
      expect(causes.count).toBe(expected.length)
      const size = 1 + (seed % 7)
      const paged: ReturnType<typeof told>[] = []
      for (let place: ReturnType<typeof placeAfter>, hasMore = true; hasMore; ) {
        const page = await causes.worst(size, place)
        expect(page.rows.length).toBe(Math.min(size, expected.length - paged.length))
        paged.push(...page.rows.map(told))
        hasMore = page.hasMore
        if (hasMore) place = placeAfter(paged.at(-1)?.first ?? '')
      }
      expect(paged).toEqual(expected)
      const everything = await causes.worst(expected.length)
      expect(everything).toMatchObject({ rows: { length: expected.length }, hasMore: false })
    }
  })

  it('[Q25] what is not wanted stands for no cause, and is among the orders of one that is told all the same', async () => {
    const [worst, next] = [of('A1', '1', { cause: 'load', rank: 0 }), of('A2', '1', { cause: 'load', rank: 1 })]
    const causes = await OpenCauses.of([worst, next, of('A3', '1')], each => each !== worst)
    const { rows } = await causes.worst(10)
    expect(rows.map(({ exception, orders, selected }) => [exception.family, orders, selected.length])).toEqual([
      ['A3', ['A3'], 1],
      ['A2', ['A2', 'A1'], 1],
    ])
  })

  it('[Q25] none are asked for, or none are open: no rows, and whether there are any', async () => {
    const one = await OpenCauses.of([of('A1', '1')], all)
    expect(await one.worst(0)).toEqual({ rows: [], hasMore: true })
    const none = await OpenCauses.of([], all)
    expect(none.count).toBe(0)
    expect(await none.worst(10)).toEqual({ rows: [], hasMore: false })
  })

  it('[Q25] many are gone through in slices: others have their turn in between', async () => {
    const open: OrderException[] = Array.from({ length: 40_000 }, (_, at) => of(`SO-${at}`, '1'))
    let turns = 0
    let isOver = false
    const others = () => {
      turns++
      if (!isOver) setImmediate(others)
    }
    setImmediate(others)
    const causes = await OpenCauses.of(open, all)
    const grouped = turns
    await causes.worst(10)
    const ordered = turns - grouped
    let visited = 0
    await causes.each(() => void visited++)
    isOver = true
    expect(visited).toBe(40_000)
    for (const each of [grouped, ordered, turns - grouped - ordered]) expect(each).toBeGreaterThanOrEqual(8)
  })
})
