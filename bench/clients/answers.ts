// What an answer to a question must say. Pure.

export interface Wanted {
  /** Text the answer must contain. */
  readonly says: string
  /** What the nodes of a page are sorted by; undefined where they are not, or it is not among what was asked for. */
  readonly sorted?: { readonly by: 'capturedAt' | 'number'; readonly descending: boolean }
}

/** In words; undefined where it is as it must be. */
export function flawOf({ says, sorted }: Wanted, answer: string): string | undefined {
  if (!answer.includes(says)) return `${says} is not in ${answer.slice(0, 400)}`
  if (sorted === undefined) return undefined
  const { by, descending } = sorted
  const { data } = JSON.parse(answer) as { data: { orders: { nodes: Readonly<Record<string, string>>[] } } }
  const values = data.orders.nodes.map(node => node[by] ?? '')
  const wanted = descending ? values.toSorted().reverse() : values.toSorted()
  return values.join() === wanted.join() ? undefined : `not sorted by ${by}: ${values.join(', ').slice(0, 400)}`
}
