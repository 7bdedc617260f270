// Step paths: the ways steps of one state and event have gone, as a decision tree. Walked by transition.ts, which learns them from
// what XState asked and did.
import type { ChartEvent, Choice, TransitionMeta } from '../machines/chart.ts'

export type Holds = (context: never, event: ChartEvent | undefined) => boolean
export type Assigns = (context: never, event: ChartEvent) => object

export type Node =
  | { readonly op: 'guard'; readonly holds: Holds; yes: Node | undefined; no: Node | undefined }
  /** All guards that ask the same, in one. */
  | { readonly op: 'choice'; readonly choice: Choice<never>; readonly nexts: Map<unknown, Node> }
  | { readonly op: 'assign'; readonly assigns: Assigns; next: Node | undefined }
  | { readonly op: 'moved'; readonly state: string; readonly metas: readonly TransitionMeta[] }
  | { readonly op: 'blocked'; readonly gates: readonly string[] }
  | { readonly op: 'impossible' }

/** Nodes of one shape, whatever their kind: the walk reads them several times faster. */
const shaped = (node: Node): Node =>
  ({
    op: node.op,
    holds: 'holds' in node ? node.holds : undefined,
    yes: undefined,
    no: undefined,
    choice: 'choice' in node ? node.choice : undefined,
    nexts: 'nexts' in node ? node.nexts : undefined,
    assigns: 'assigns' in node ? node.assigns : undefined,
    next: undefined,
    state: 'state' in node ? node.state : undefined,
    metas: 'metas' in node ? node.metas : undefined,
    gates: 'gates' in node ? node.gates : undefined,
  }) as Node

/** What XState asked and did, in order. */
export type Logged =
  | { readonly guard: string; readonly holds: boolean }
  | { readonly choice: Choice<never>; readonly is: unknown }
  | { readonly assign: string }

/** Where the paths of one state and event begin. */
export interface Root {
  node: Node | undefined
}

// 4,096 states of one event: our charts have a few hundred; the bound is for charts gone wrong.
const STATES_MAX = 4_096

/** By event type, then by state. A state text is one object for all actors in it: looking it up compares nothing. */
export class Roots {
  private readonly types = new Map<string, Map<string, Root>>()

  at(state: string, type: string): Root {
    let states = this.types.get(type)
    if (states === undefined) {
      states = new Map()
      this.types.set(type, states)
    }
    const known = states.get(state)
    if (known !== undefined) return known
    const root: Root = { node: undefined }
    if (states.size < STATES_MAX) states.set(state, root)
    return root
  }
}

/** Guards and assigns by their names. */
export interface Parts {
  holds(name: string): Holds
  assigns(name: string): Assigns
}

/**
 * Adds a path. A guard asked again before anything was assigned answers the same, and one whose choice is known
 * asks nothing: it is one node.
 */
export function learn(root: Root, path: { readonly log: readonly Logged[]; readonly leaf: Node }, parts: Parts): void {
  let put = (node: Node) => void Object.assign(root, { node })
  let { node } = root
  const asked = new Set<unknown>()
  for (const each of path.log) {
    if ('choice' in each) {
      if (asked.has(each.choice)) continue
      asked.add(each.choice)
      const choosing = node ?? shaped({ op: 'choice', choice: each.choice, nexts: new Map() })
      if (choosing.op !== 'choice') throw new Error('transition: a choice was asked where it had not been before')
      if (node === undefined) put(choosing)
      node = choosing.nexts.get(each.is)
      put = next => void choosing.nexts.set(each.is, next)
    } else if ('guard' in each) {
      if (asked.has(each.guard)) continue
      asked.add(each.guard)
      const guard = node ?? shaped({ op: 'guard', holds: parts.holds(each.guard), yes: undefined, no: undefined })
      if (guard.op !== 'guard') throw new Error(`transition: ${each.guard} was asked where it had not been before`)
      if (node === undefined) put(guard)
      node = each.holds ? guard.yes : guard.no
      put = each.holds ? yes => void Object.assign(guard, { yes }) : no => void Object.assign(guard, { no })
    } else {
      asked.clear()
      const assigning = node ?? shaped({ op: 'assign', assigns: parts.assigns(each.assign), next: undefined })
      if (assigning.op !== 'assign') throw new Error(`transition: ${each.assign} ran where it had not before`)
      if (node === undefined) put(assigning)
      node = assigning.next
      put = next => void Object.assign(assigning, { next })
    }
  }
  if (node === undefined) put(shaped(path.leaf))
}
