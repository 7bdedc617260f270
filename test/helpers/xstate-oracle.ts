// XState oracle: XState's own step of a chart, nothing remembered: what the memoised one must come to (T1).
// It does not say which steps are taken; those who have some (step-check.ts, made-steps.ts) ask it.
import { isDeepStrictEqual } from 'node:util'
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  getNextTransitions,
  initialTransition,
  transition,
} from 'xstate'
import { stateValue } from '../../bench/load/state-value.ts'
import type { Step, StepMode, Stepper } from '../../engine/transition.ts'
import type { Chart, ChartEvent, Obstacle, TransitionMeta } from '../../machines/chart.ts'

export interface Actor {
  readonly state: string
  readonly context: object
}

/** A step as XState takes it, or does not. */
export type XStateStep =
  | {
      readonly kind: 'moved'
      readonly state: string
      readonly context: object
      readonly metas: readonly TransitionMeta[]
    }
  | { readonly kind: 'blocked'; readonly obstacles: readonly Obstacle[] }
  | { readonly kind: 'impossible' }

interface Asked {
  readonly context: never
  readonly event: ChartEvent
}

export class XStateOracle {
  private readonly chart: Chart
  /** The chart's own machine, whose gates tell when they are shut; in `assume` mode with every gate open. */
  private readonly machine: AnyStateMachine
  /** Gates that XState has come upon and found shut. */
  private readonly shut = new Set<string>()

  constructor(chart: Chart, mode: StepMode) {
    this.chart = chart
    const gate = (name: string) => [
      name,
      (asked: Asked) => {
        const isOpen = mode === 'assume' || this.isOpen(name, asked)
        if (!isOpen) this.shut.add(name)
        return isOpen
      },
    ]
    this.machine = chart.machine.provide({ guards: Object.fromEntries(Object.keys(chart.gates).map(gate)) })
  }

  create(context: object): Actor {
    const snapshot = initialTransition(this.machine, context)[0] as AnyMachineSnapshot
    return { state: this.stateText(snapshot.value), context: snapshot.context as object }
  }

  step(actor: Actor, event: ChartEvent): XStateStep {
    const value = stateValue(actor.state, this.chart)
    const before = this.machine.resolveState({ value: value as never, context: actor.context as never })
    this.shut.clear()
    const taken = this.machine.getTransitionData(before, event as never)
    if (taken.length === 0)
      return this.shut.size === 0
        ? { kind: 'impossible' }
        : { kind: 'blocked', obstacles: this.obstacles(before, event) }
    const after = transition(this.machine, before, event as never)[0] as AnyMachineSnapshot
    const metas = taken.map(each => each.meta as TransitionMeta)
    return { kind: 'moved', state: this.stateText(after.value), context: after.context as object, metas }
  }

  /** What the shut gates of all candidates say, each gate asked by itself and once, in the order XState would come upon them. */
  private obstacles(before: AnyMachineSnapshot, event: ChartEvent): readonly Obstacle[] {
    const candidates = getNextTransitions(before).filter(each => each.eventType === event.type)
    const names = new Set(candidates.flatMap(each => namesIn(each.guard)).filter(name => name in this.chart.gates))
    const unnamed = [...this.shut].filter(name => !names.has(name))
    if (unnamed.length > 0) throw new Error(`oracle: no candidate names ${unnamed.join(', ')}, which XState found shut`)
    const context = before.context as never
    return [...names]
      .filter(name => !this.isOpen(name, { context, event }))
      .map(name => this.chart.gates[name]?.(context, event) as Obstacle)
  }

  private isOpen(name: string, asked: Asked): boolean {
    return this.chart.machine.implementations.guards[name]?.(asked, undefined) === true
  }

  private stateText(value: unknown): string {
    const leaf = (region: string) =>
      region.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], value)
    return this.chart.regions.map(region => String(leaf(region))).join('.')
  }
}

/** Names in a guard as XState keeps it: one, or those within `and`, `or` and `not`. */
export function namesIn(guard: unknown): readonly string[] {
  if (typeof guard === 'string') return [guard]
  return ((guard as { guards?: readonly unknown[] } | undefined)?.guards ?? []).flatMap(namesIn)
}

/** What of `step` from `actor` is otherwise than XState's; undefined when nothing is. */
export function unlike(actor: Actor, step: Step, expected: XStateStep): string | undefined {
  if (step.kind !== expected.kind) return `${step.kind}, XState: ${expected.kind}`
  if (step.kind === 'blocked' && expected.kind === 'blocked')
    return isDeepStrictEqual(step.obstacles, expected.obstacles)
      ? undefined
      : `shut: ${codes(step.obstacles)}, XState: ${codes(expected.obstacles)}`
  if (step.kind !== 'moved' || expected.kind !== 'moved') return undefined
  if (step.state !== expected.state) return `to ${step.state}, XState: to ${expected.state}`
  if (!isDeepStrictEqual(step.context, expected.context)) return 'another context'
  // Whoever takes over only what a step says it changed must come to the same.
  if (!isDeepStrictEqual({ ...actor.context, ...step.changed }, expected.context)) return 'changed without saying so'
  return isDeepStrictEqual(step.metas, expected.metas) ? undefined : 'other metas'
}

const codes = (obstacles: readonly Obstacle[]): string => obstacles.map(({ code }) => code).join(', ')

export type Oracles = Readonly<Record<StepMode, XStateOracle>>

export const oraclesOf = (chart: Chart): Oracles => ({
  judge: new XStateOracle(chart, 'judge'),
  assume: new XStateOracle(chart, 'assume'),
})

/** A step beside XState's, taken twice: as it is learned, where it was not known before, and as it is remembered. */
export function compared(stepper: Stepper, oracles: Oracles, [actor, event, mode]: Parameters<Stepper['step']>) {
  const expected = oracles[mode].step(actor, event)
  const difference =
    unlike(actor, stepper.step(actor, event, mode), expected) ??
    unlike(actor, stepper.step(actor, event, mode), expected)
  return { expected, difference }
}
