// The memoised step: what XState would do, remembered. The only file outside machines/ that touches XState.
// A macrostep of our charts (no children, invocations, delays or history) depends on the state, the event's type and the
// outcomes of the guards it consults, nothing else. Gates judge events; what settles a state without one asks conditions.
// The first time XState itself takes the step, its guards and assigns logged; the log becomes a path in a decision tree; later
// steps walk the tree and run only guards and assigns.
//   T1  A walked step equals XState's: state, context, order of assigns, refusal (property test, all charts).
//   T2  In `assume` mode gates count as open: the event was judged already, or a person goes over the permissions that shut them.
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  assign,
  getNextTransitions,
  initialTransition,
  transition,
} from 'xstate'
import type { Chart, ChartEvent, Obstacle, TransitionMeta } from '../machines/chart.ts'
import type { Charts } from '../machines/charts.ts'
import type { EntityKind } from '../machines/ids.ts'
import { type Assigns, type Holds, type Logged, learn, type Node, type Root, Roots } from './step-paths.ts'

const CREATE = '@create'
const nobodys = () => false

export type StepMode = 'judge' | 'assume'

export type Step =
  | {
      readonly kind: 'moved'
      readonly state: string
      readonly context: object
      /** What assigns set: every key of the context that differs is among them. */
      readonly changed: Changed
      readonly metas: readonly TransitionMeta[]
    }
  /** No candidate is taken and a gate is shut: all shut gates of all candidates, in the order of the chart. */
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[] }
  /** The chart has no such move from here. */
  | { readonly kind: 'impossible' }

/** Keys of a context and the values they were given. */
export type Changed = Readonly<Record<string, unknown>>
export const UNCHANGED: Changed = {}

/** A move the chart offers from a state. */
export interface Candidate {
  readonly event: string
  readonly meta: TransitionMeta
  readonly gates: readonly string[]
  /** Region and state it goes to; undefined where it stays. */
  readonly target: string | undefined
}

interface Offered {
  readonly moves: readonly Candidate[]
  readonly late: readonly Candidate[]
}

/** Steps actors of one chart. Keeps what it has learned; holds no actor. */
export class Stepper {
  readonly chart: Chart
  private readonly roots: Record<StepMode, Roots> = { judge: new Roots(), assume: new Roots() }
  private readonly machines: Record<StepMode, AnyStateMachine>
  private readonly candidates = new Map<string, Offered>()
  private log: Logged[] | undefined
  private isOwn: (event: ChartEvent) => boolean = nobodys
  /** The context XState is taking a step with, of which it makes others. */
  private model: object = {}
  private readonly copy: Chart['copy']

  constructor(chart: Chart) {
    this.chart = chart
    this.copy = chart.copy
    this.machines = { judge: this.logging('judge'), assume: this.logging('assume') }
  }

  /** The state and context of a new actor whose chart starts with `context`. */
  create(context: object): { readonly state: string; readonly context: object } {
    const root = this.roots.assume.at('', CREATE)
    const walked = this.walk(root.node, context, undefined)
    if (walked?.kind === 'moved') return { state: walked.state, context: walked.context }
    this.model = context
    const snapshot = this.logged(
      event => 'input' in event && event.input === context,
      () => initialTransition(this.machines.assume, context)[0] as AnyMachineSnapshot,
    )
    const state = this.stateText(snapshot.value)
    this.learn(root, { op: 'moved', state, metas: [] })
    return { state, context: this.asOwn(snapshot.context as object) }
  }

  step(actor: { readonly state: string; readonly context: object }, event: ChartEvent, mode: StepMode): Step {
    const root = this.roots[mode].at(actor.state, event.type)
    const walked = this.walk(root.node, actor.context, event)
    if (walked !== undefined) return walked
    this.interpret(mode, root, actor, event)
    return this.walk(root.node, actor.context, event) as Step
  }

  /** The same, over every gate that keeps a permission; any other shut gate holds. */
  forced(actor: { readonly state: string; readonly context: object }, event: ChartEvent): Step {
    const judged = this.step(actor, event, 'judge')
    if (judged.kind !== 'blocked') return judged
    const obstacles = judged.obstacles.filter(({ isPermission }) => isPermission !== true)
    return obstacles.length > 0 ? { kind: 'blocked', obstacles } : this.step(actor, event, 'assume')
  }

  /** The moves the chart offers from `state`, late facts left out, in the chart's order. */
  moves(state: string): readonly Candidate[] {
    return this.offered(state).moves
  }

  /** The facts it takes there whose step is past, or whose setting was replaced. */
  lateMoves(state: string): readonly Candidate[] {
    return this.offered(state).late
  }

  private offered(state: string): Offered {
    const known = this.candidates.get(state)
    if (known !== undefined) return known
    const all = this.allMoves(state).filter(({ meta }) => meta.owner !== 'twin')
    const found = {
      moves: all.filter(({ meta }) => meta.late !== true),
      late: all.filter(({ meta }) => meta.late === true),
    }
    this.candidates.set(state, found)
    return found
  }

  /** What stands in the way of a candidate now, as far as that can be said without the event's data. */
  obstacle(candidate: Candidate, context: object): Obstacle | undefined {
    for (const gate of candidate.gates) {
      const obstacle = this.chart.gates[gate]?.(context as never)
      if (obstacle !== undefined) return obstacle
    }
    return undefined
  }

  /** `lifecycle.accepted`-style leaf names of a state text, by region. */
  regionStates(state: string): Readonly<Record<string, string>> {
    const leaves = state.split('.')
    return Object.fromEntries(this.chart.regions.map((region, index) => [region, leaves[index] ?? '']))
  }

  allMoves(state: string): readonly Candidate[] {
    const snapshot = this.chart.machine.resolveState({ value: this.stateValue(state) as never, context: {} as never })
    return getNextTransitions(snapshot)
      .filter(each => each.eventType !== '')
      .map(each => ({
        event: each.eventType,
        meta: each.meta as TransitionMeta,
        gates: guardNames(each.guard).filter(name => name in this.chart.gates),
        target: each.target?.[0]?.path.join('.'),
      }))
  }

  private walk(root: Node | undefined, start: object, event: ChartEvent | undefined): Step | undefined {
    let node = root
    let context = start
    let changed = UNCHANGED
    while (node !== undefined) {
      switch (node.op) {
        case 'guard':
          node = node.holds(context as never, event) ? node.yes : node.no
          break
        case 'choice':
          node = node.nexts.get(node.choice(context as never))
          break
        case 'assign':
          {
            const assigned = node.assigns(context as never, event as ChartEvent) as Changed
            context = changedBy(assigned, this.copy(context as never))
            changed = changed === UNCHANGED ? assigned : { ...changed, ...assigned }
            node = node.next
          }
          break
        case 'moved':
          return { kind: 'moved', state: node.state, context, changed, metas: node.metas }
        case 'blocked':
          return this.blocked(node.gates, start, event as ChartEvent)
        case 'impossible':
          return { kind: 'impossible' }
      }
    }
    return undefined
  }

  /** XState stops at the first shut gate; whoever reports wants to hear of the worst. */
  private blocked(gates: readonly string[], context: object, event: ChartEvent): Step {
    const obstacles = gates.flatMap(gate => this.chart.gates[gate]?.(context as never, event as never) ?? [])
    return { kind: 'blocked', obstacles }
  }

  /** XState takes the step; the path it went is learned. */
  private interpret(mode: StepMode, root: Root, actor: { state: string; context: object }, event: ChartEvent): void {
    this.model = actor.context
    const machine = this.machines[mode]
    const before = machine.resolveState({
      value: this.stateValue(actor.state) as never,
      context: actor.context as never,
    })
    const taken = machine.getTransitionData(before, event as never)
    const after = this.logged(
      heard => heard === event,
      () => transition(machine, before, event as never)[0] as AnyMachineSnapshot,
    )
    if (taken.length > 0) {
      const metas = taken.map(each => each.meta as TransitionMeta)
      this.learn(root, { op: 'moved', state: this.stateText(after.value), metas })
      return
    }
    const isShut = this.lastLog.some(each => 'guard' in each && !each.holds && each.guard in this.chart.gates)
    if (!isShut) {
      this.learn(root, { op: 'impossible' })
      return
    }
    const candidates = this.allMoves(actor.state).filter(each => each.event === event.type)
    this.learn(root, { op: 'blocked', gates: [...new Set(candidates.flatMap(each => each.gates))] })
  }

  private lastLog: readonly Logged[] = []

  /**
   * Runs a step, logged. Only what is asked and done for an event that `isOwn` knows counts: before, XState makes an actor of
   * the machine with an empty context, whose initial state asks guards and runs assigns of its own.
   */
  private logged<Result>(isOwn: (event: ChartEvent) => boolean, run: () => Result): Result {
    this.log = []
    this.isOwn = isOwn
    try {
      return run()
    } finally {
      this.lastLog = this.log ?? []
      this.log = undefined
      this.isOwn = nobodys
    }
  }

  /**
   * A context that XState made, in the shape of our own. XState's are dictionaries to V8: a guard or an assign that has seen one
   * reads all contexts several times as slowly ever after.
   */
  private asOwn(context: object): object {
    return changedBy(context as Changed, this.copy(this.model as never))
  }

  private note(event: ChartEvent, logged: Logged): void {
    if (this.isOwn(event)) this.log?.push(logged)
  }

  private learn(root: Root, leaf: Node): void {
    learn(root, { log: this.lastLog, leaf }, { holds: name => this.holds(name), assigns: name => this.assigns(name) })
  }

  private holds(name: string): Holds {
    const gate = this.chart.gates[name]
    if (gate !== undefined) return (context, event) => gate(context, event as never) === undefined
    const condition = this.chart.conditions[name]
    if (condition === undefined) throw new Error(`transition: ${this.chart.kind} has no guard ${name}`)
    return condition as Holds
  }

  private assigns(name: string): Assigns {
    const assigner = this.chart.assigners[name]
    if (assigner === undefined) throw new Error(`transition: ${this.chart.kind} has no action ${name}`)
    return assigner as Assigns
  }

  /** The chart's own machine, its guards and assigns logged; in `assume` mode gates are open and not worth a node. */
  private logging(mode: StepMode): AnyStateMachine {
    const guard = (name: string) => [
      name,
      ({ context, event }: { context: never; event: ChartEvent }) => {
        if (mode === 'assume' && name in this.chart.gates) return true
        const own = this.asOwn(context) as never
        const holds = this.holds(name)(own, event)
        const choice = this.chart.choices?.[name]
        this.note(event, choice === undefined ? { guard: name, holds } : { choice, is: choice(own) })
        return holds
      },
    ]
    const action = (name: string) => [
      name,
      assign(({ context, event }: { context: object; event: ChartEvent }) => {
        this.note(event, { assign: name })
        return this.assigns(name)(this.asOwn(context) as never, event)
      }),
    ]
    return this.chart.machine.provide({
      guards: Object.fromEntries([...Object.keys(this.chart.gates), ...Object.keys(this.chart.conditions)].map(guard)),
      actions: Object.fromEntries(Object.keys(this.chart.assigners).map(action)),
    })
  }

  private stateText(value: unknown): string {
    return this.chart.regions.map(region => leafAt(value, region.split('.'))).join('.')
  }

  private stateValue(state: string): object {
    const leaves = state.split('.')
    const value: Record<string, unknown> = {}
    this.chart.regions.forEach((region, index) => {
      const path = region.split('.')
      let at = value
      for (const step of path.slice(0, -1)) {
        at[step] ??= {}
        at = at[step] as Record<string, unknown>
      }
      at[path.at(-1) ?? region] = leaves[index]
    })
    return value
  }
}

function changedBy(assigned: Changed, context: Record<string, unknown>): object {
  for (const key in assigned) context[key] = assigned[key]
  return context
}

function leafAt(value: unknown, path: readonly string[]): string {
  const leaf = path.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], value)
  if (typeof leaf !== 'string') throw new Error(`transition: no state at ${path.join('.')}`)
  return leaf
}

/** Names in a guard: itself, or all of a conjunction. */
function guardNames(guard: unknown): readonly string[] {
  if (typeof guard === 'string') return [guard]
  const parts = (guard as { guards?: readonly unknown[] } | undefined)?.guards
  return parts?.flatMap(guardNames) ?? []
}

export type Steppers = Readonly<Record<EntityKind, Stepper>>

export const steppersOf = (charts: Charts): Steppers => ({
  order: new Stepper(charts.order),
  shipment: new Stepper(charts.shipment),
  return: new Stepper(charts.return),
})
