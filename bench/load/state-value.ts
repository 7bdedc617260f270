// A state text as XState nests it.
import type { Chart } from '../../machines/chart.ts'

/** `a.b` under regions `x` and `y.z` is `{ x: 'a', y: { z: 'b' } }`. */
export function stateValue(state: string, { regions }: Chart): object {
  const value: Record<string, unknown> = {}
  for (const [index, leaf] of state.split('.').entries()) {
    const path = (regions[index] ?? '').split('.')
    const last = path.pop() ?? ''
    let parent = value
    for (const name of path) {
      parent[name] ??= {}
      parent = parent[name] as Record<string, unknown>
    }
    parent[last] = leaf
  }
  return value
}
