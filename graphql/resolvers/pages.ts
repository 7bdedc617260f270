// Pages as Relay has them: arguments checked, edges and nodes from one list.
import { parsePosition } from '../../engine/answers.ts'
import { graphError, overLimit } from '../operations/graph-errors.ts'

export interface PageArguments {
  readonly first?: number | null
  readonly after?: string | null
}

export const PAGE_DEFAULT = 50

/** How many elements a page holds. */
export function pageSize({ first }: PageArguments, pageMax: number): number {
  const size = first ?? PAGE_DEFAULT
  if (size < 0) throw graphError('BAD_ARGUMENT', 'first must not be negative')
  if (size > pageMax) throw overLimit('PAGE_TOO_LARGE', 'page', { most: pageMax, found: size })
  return size
}

/** The position behind a cursor of a history or of the feed; `''` is the beginning. */
export function positionAfter(after: string): number {
  const position = after === '' ? 0 : parsePosition(after)
  if (position === undefined) throw graphError('BAD_CURSOR', after.slice(0, 40))
  return position
}

export interface Connection<Item> {
  readonly edges: readonly { readonly cursor: string; readonly node: Item }[]
  readonly nodes: readonly Item[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | undefined
    readonly endCursor: string | undefined
  }
}

export function connection<Item>(
  edges: Connection<Item>['edges'],
  { hasNextPage, hasPreviousPage }: { hasNextPage: boolean; hasPreviousPage: boolean },
): Connection<Item> {
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: { hasNextPage, hasPreviousPage, startCursor: edges[0]?.cursor, endCursor: edges.at(-1)?.cursor },
  }
}
