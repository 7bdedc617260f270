// Made charts: small statecharts at random, for what T1 promises and the real charts do not have: several assigns a step, entries
// and exits, guards within guards, nested regions, moves across them.
// Their parts are always the same and only their structure is made, so that fast-check shrinks and prints plain data.
import fc from 'fast-check'
import { and, not, or, setup } from 'xstate'
import { actionsOf, type Chart, type Gate, guardsOf, type TransitionMeta, whetherIs } from '../../machines/chart.ts'
import type { EventType } from '../../machines/event-types.ts'

export interface MadeContext {
  readonly n: number
  readonly m: number
  /** Names of the assigns that ran, in order. */
  readonly ran: readonly string[]
}

/** What is told to a made chart: made-steps.ts makes a whole event of it. */
export interface MadeEvent {
  readonly type: EventType
  readonly n: number
}

/** What a made chart reads of an event: its sequence is the made one's number. */
interface Heard {
  readonly type: string
  readonly sequence?: number
}

type MadeGuard = string | { and: MadeGuard[] } | { or: MadeGuard[] } | { not: MadeGuard }

interface Move {
  readonly guard: MadeGuard | undefined
  /** Among all states that have none within them, counted round; undefined: it stays. */
  readonly target: number | undefined
  readonly reenter: boolean
  readonly actions: readonly string[]
  readonly owner: 'erp' | 'node'
}

interface Hearing {
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly on: Readonly<Record<string, readonly Move[]>>
}

interface Leaf extends Hearing {
  /** Only to later states of its region: such moves come to an end. */
  readonly always: readonly Pick<Move, 'guard' | 'target' | 'actions'>[]
}

type Part =
  | (Hearing & { readonly kind: 'region'; readonly states: readonly Leaf[] })
  | (Hearing & { readonly kind: 'parallel'; readonly parts: readonly Part[] })
  /** A state with one state within it. */
  | (Hearing & { readonly kind: 'around'; readonly part: Part })

// No two of them come to the same in the other order.
const assigners = {
  double: ({ m, n, ran }: MadeContext) => ({ n: (2 * n + m) % 30, ran: [...ran, 'double'] }),
  triple: ({ n, ran }: MadeContext) => ({ n: (3 * n + 1) % 30, ran: [...ran, 'triple'] }),
  add: ({ n, ran }: MadeContext, event?: Heard) => ({ n: (n + (event?.sequence ?? 2)) % 30, ran: [...ran, 'add'] }),
  swap: ({ m, n, ran }: MadeContext) => ({ m: n, n: m, ran: [...ran, 'swap'] }),
  tick: ({ m, ran }: MadeContext) => ({ m: (m + 1) % 30, ran: [...ran, 'tick'] }),
}

const gate =
  (code: string, isShut: (context: MadeContext, event?: Heard) => boolean): Gate<MadeContext> =>
  (context, event) =>
    isShut(context, event)
      ? { verdict: 'not_allowed_in_state', code, reason: `${code} of ${context.n}, ${context.m}` }
      : undefined

const gates = {
  even: gate('odd', ({ n }) => n % 2 === 1),
  low: gate('high', ({ n }) => n > 20),
  lowM: gate('high_m', ({ m }) => m > 15),
  fits: gate('too_much', ({ m }, event) => (event?.sequence ?? 0) > m),
}

const third = whetherIs(({ n }: MadeContext) => n % 3, { isThird0: 0, isThird1: 1, isThird2: 2 })
const conditions = {
  ...third.conditions,
  isMore: ({ m, n }: MadeContext) => n > m,
  isTold: (_: MadeContext, event?: Heard) => (event?.sequence ?? 0) % 2 === 0,
}

const copy = ({ m, n, ran }: MadeContext) => ({ m, n, ran })
const parts = { gates, conditions, choices: third.choices, assigners, copy }

/** Events a made chart may hear, and one that none does. */
const HEARD: readonly EventType[] = ['credit.held', 'credit.approved', 'order.closed']
const UNHEARD: EventType = 'order.validated'

/** Some of `names`, within `and`, `or` and `not`. */
const guardOver = (names: readonly string[]) =>
  fc.letrec<{ guard: MadeGuard }>(tie => ({
    guard: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      { weight: 2, arbitrary: fc.constantFrom(...names) },
      fc.record({ and: fc.array(tie('guard'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ or: fc.array(tie('guard'), { minLength: 1, maxLength: 3 }) }),
      fc.record({ not: tie('guard') }),
    ),
  })).guard
const judging = guardOver([...Object.keys(gates), ...Object.keys(gates), ...Object.keys(conditions)])
// Gates judge events; what settles a state asks conditions.
const settling = guardOver(Object.keys(conditions))

const actions = (maxLength: number) => fc.array(fc.constantFrom(...Object.keys(assigners)), { maxLength })

const move: fc.Arbitrary<Move> = fc.record({
  guard: fc.option(judging, { nil: undefined }),
  target: fc.option(fc.nat(20), { nil: undefined }),
  reenter: fc.boolean(),
  actions: actions(3),
  owner: fc.constantFrom('erp', 'node'),
})

const hearing = (movesMax: number) => ({
  entry: actions(2),
  exit: actions(2),
  on: fc.dictionary(fc.constantFrom(...HEARD), fc.array(move, { maxLength: movesMax })),
})

const leaf: fc.Arbitrary<Leaf> = fc.record({
  ...hearing(2),
  always: fc.array(fc.record({ guard: settling, target: fc.nat(3), actions: actions(2) }), { maxLength: 2 }),
})

const { part } = fc.letrec<{ part: Part }>(tie => ({
  part: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.record({
      kind: fc.constant('region' as const),
      ...hearing(1),
      states: fc.array(leaf, { minLength: 2, maxLength: 4 }),
    }),
    fc.record({
      kind: fc.constant('parallel' as const),
      ...hearing(1),
      parts: fc.array(tie('part'), { minLength: 1, maxLength: 2 }),
    }),
    fc.record({ kind: fc.constant('around' as const), ...hearing(1), part: tie('part') }),
  ),
}))

const root = fc.array(part, { minLength: 1, maxLength: 3 })

export interface MadeWalks {
  readonly chart: readonly Part[]
  readonly start: Pick<MadeContext, 'n' | 'm'>
  readonly walks: readonly (readonly { readonly event: MadeEvent; readonly mode: 'judge' | 'assume' }[])[]
}

/** A chart, and walks through it: what it hears, from its beginning. */
export const madeWalks: fc.Arbitrary<MadeWalks> = fc.record({
  chart: root,
  start: fc.record({ n: fc.nat(29), m: fc.nat(29) }),
  walks: fc.array(
    fc.array(
      fc.record({
        event: fc.record({ type: fc.constantFrom(...HEARD, ...HEARD, UNHEARD), n: fc.nat(20) }),
        mode: fc.constantFrom('judge' as const, 'judge' as const, 'assume' as const),
      }),
      { minLength: 1, maxLength: 12 },
    ),
    { minLength: 1, maxLength: 3 },
  ),
})

/** A state as XState is told of it. */
interface StateConfig {
  readonly id: string
  readonly type?: 'parallel'
  readonly initial?: string
  readonly states?: Readonly<Record<string, StateConfig>>
  readonly entry: readonly string[]
  readonly exit: readonly string[]
  readonly on: Readonly<Record<string, readonly TransitionConfig[]>>
  readonly always?: readonly TransitionConfig[]
}

interface TransitionConfig {
  readonly guard: ReturnType<typeof guardOf>
  readonly target: string | undefined
  readonly reenter?: boolean
  readonly actions: readonly string[]
  readonly meta?: TransitionMeta
}

type Path = readonly string[]

export function madeChart(made: readonly Part[]): Chart {
  const states = named('p', made)
  const regions = Object.entries(states).flatMap(([name, each]) => regionsOf(each, [name]))
  const leaves = regions.flatMap(({ path, states: count }) =>
    Array.from({ length: count }, (_, index) => idOf([...path, `s${index}`])),
  )
  const machine = setup({
    types: { context: {} as MadeContext, events: {} as Heard, input: {} as MadeContext },
    guards: guardsOf(parts),
    actions: actionsOf(parts),
  }).createMachine({
    id: 'made',
    type: 'parallel',
    context: ({ input }) => input,
    states: mapped(states, (each, name) => stateOf(each, [name], leaves)),
  })
  return {
    kind: 'order',
    version: 1,
    machine,
    regions: regions.map(({ path }) => path.join('.')),
    creation: [],
    ...parts,
  }
}

const named = <Item>(letter: string, items: readonly Item[]): Readonly<Record<string, Item>> =>
  Object.fromEntries(items.map((item, index) => [`${letter}${index}`, item]))

const mapped = <Item, Result>(items: Readonly<Record<string, Item>>, map: (item: Item, name: string) => Result) =>
  Object.fromEntries(Object.entries(items).map(([name, item]) => [name, map(item, name)]))

// A dot would be a path to XState.
const idOf = (path: Path): string => path.join('/')

function regionsOf(of: Part, path: Path): readonly { readonly path: Path; readonly states: number }[] {
  if (of.kind === 'region') return [{ path, states: of.states.length }]
  if (of.kind === 'around') return regionsOf(of.part, [...path, 'p0'])
  return of.parts.flatMap((each, index) => regionsOf(each, [...path, `p${index}`]))
}

function stateOf(of: Part, path: Path, leaves: readonly string[]): StateConfig {
  const own = hearingOf(of, path, leaves)
  const within = (each: Part, name: string) => stateOf(each, [...path, name], leaves)
  switch (of.kind) {
    case 'region':
      return {
        ...own,
        initial: 's0',
        states: mapped(named('s', of.states), (each, name) =>
          leafOf(each, [...path, name], [leaves, of.states.length]),
        ),
      }
    case 'parallel':
      return { ...own, type: 'parallel', states: mapped(named('p', of.parts), within) }
    case 'around':
      return { ...own, initial: 'p0', states: mapped(named('p', [of.part]), within) }
  }
}

function leafOf(of: Leaf, path: Path, [leaves, count]: readonly [readonly string[], number]): StateConfig {
  const own = Number(path.at(-1)?.slice(1))
  const later = count - 1 - own
  const always = of.always.map(each => ({
    guard: guardOf(each.guard),
    target: `#${idOf([...path.slice(0, -1), `s${own + 1 + ((each.target ?? 0) % later)}`])}`,
    actions: each.actions,
  }))
  return { ...hearingOf(of, path, leaves), always: later === 0 ? [] : always }
}

const hearingOf = ({ entry, exit, on }: Hearing, path: Path, leaves: readonly string[]) => ({
  id: idOf(path),
  entry,
  exit,
  on: mapped(on, moves =>
    moves.map(({ actions: ran, guard, owner, reenter, target }) => ({
      guard: guardOf(guard),
      target: target === undefined ? undefined : `#${leaves[target % leaves.length]}`,
      reenter,
      actions: ran,
      meta: { owner },
    })),
  ),
})

function guardOf(
  made: MadeGuard | undefined,
): string | ReturnType<typeof and<MadeContext, Heard, string[]>> | undefined {
  if (made === undefined || typeof made === 'string') return made
  if ('not' in made) return not(guardOf(made.not) as never)
  const within = ('and' in made ? made.and : made.or).map(each => guardOf(each))
  return 'and' in made ? and(within as never) : or(within as never)
}
