// What an answer to a question must say. Pure.

export interface Wanted {
  /** Texts the answer must contain. */
  readonly says: readonly string[]
  /** Of a page of orders. */
  readonly page?: {
    readonly nodes: number
    /** Undefined where they are not sorted, or what by is not among what was asked for. */
    readonly sorted?: { readonly by: 'capturedAt' | 'number'; readonly descending: boolean }
  }
}

/** In words; undefined where it is as it must be. */
export function flawOf({ page, says }: Wanted, answer: string): string | undefined {
  const unsaid = says.find(text => !answer.includes(text))
  if (unsaid !== undefined) return `${unsaid} is not in ${answer.slice(0, 400)}`
  if (page === undefined) return undefined
  const { data } = JSON.parse(answer) as { data: { orders: { nodes: Readonly<Record<string, string>>[] } } }
  const { nodes } = data.orders
  if (nodes.length !== page.nodes) return `${nodes.length} orders on a page, not ${page.nodes}`
  if (page.sorted === undefined) return undefined
  const { by, descending } = page.sorted
  const values = nodes.map(node => node[by] ?? '')
  const wanted = descending ? values.toSorted().reverse() : values.toSorted()
  return values.join() === wanted.join() ? undefined : `not sorted by ${by}: ${values.join(', ').slice(0, 400)}`
}
