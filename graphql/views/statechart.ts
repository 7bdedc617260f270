// A chart as readers see it: regions, states, moves, owners, from the machine itself. Pure.
import type { Chart, TransitionMeta } from '../../machines/chart.ts'
import type { OwnerRule } from '../../machines/owners.ts'

export interface TransitionView {
  readonly region: string | undefined
  readonly source: string | undefined
  readonly target: string | undefined
  readonly event: string | undefined
  readonly owner: OwnerRule
  readonly guards: readonly string[]
  readonly late: boolean
}

/** What is read of a machine's node; XState's own type erases the transitions we wrote. */
interface MachineNode {
  readonly key: string
  readonly path: readonly string[]
  readonly type: string
  readonly initial: { readonly target: readonly MachineNode[] | undefined } | undefined
  readonly states: Readonly<Record<string, MachineNode>>
  readonly transitions: ReadonlyMap<string, readonly MachineTransition[]>
  readonly always?: readonly MachineTransition[]
}
interface MachineTransition {
  readonly eventType: string
  readonly target: readonly MachineNode[] | undefined
  readonly guard?: unknown
  readonly meta?: TransitionMeta
}

export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>

export function statechartView(chart: Chart, counts: Counts) {
  const root = chart.machine.root as unknown as MachineNode
  return {
    kind: chart.kind,
    version: chart.version,
    regions: chart.regions.map(region => regionView(nodeAt(root, region), region, counts[region] ?? {})),
    transitions: transitionsOf(root),
    creation: chart.creation,
  }
}

const nodeAt = (root: MachineNode, path: string): MachineNode =>
  path.split('.').reduce((node, step) => {
    const child = node.states[step]
    if (child === undefined) throw new Error(`statechart: there is no region ${path}`)
    return child
  }, root)

const regionView = (node: MachineNode, region: string, counts: Readonly<Record<string, number>>) => ({
  region,
  initial: node.initial?.target?.[0]?.key ?? '',
  states: Object.keys(node.states).map(state => ({ state, count: counts[state] ?? 0 })),
})

/** Those of the machine and of every node below it, in the chart's order. */
function transitionsOf(node: MachineNode): readonly TransitionView[] {
  const own = [...node.transitions.values()].flat()
  const eventless = (node.always ?? []).filter(each => !own.includes(each))
  return [
    ...[...own, ...eventless].map(transition => transitionView(node, transition)),
    ...Object.values(node.states).flatMap(transitionsOf),
  ]
}

function transitionView(node: MachineNode, { eventType, target, guard, meta }: MachineTransition): TransitionView {
  // A node without children is a state of the region above it; the machine itself belongs to none.
  const isState = Object.keys(node.states).length === 0
  const region = (isState ? node.path.slice(0, -1) : node.path).join('.')
  return {
    region: region === '' ? undefined : region,
    source: isState ? node.key : undefined,
    target: target?.[0]?.key,
    event: eventType === '' ? undefined : eventType,
    owner: meta?.owner ?? 'twin',
    guards: guardNames(guard),
    late: meta?.late ?? false,
  }
}

/** Names in a guard: itself, or all of a conjunction. */
function guardNames(guard: unknown): readonly string[] {
  if (typeof guard === 'string') return [guard]
  const parts = (guard as { guards?: readonly unknown[] } | undefined)?.guards
  return parts?.flatMap(guardNames) ?? []
}
