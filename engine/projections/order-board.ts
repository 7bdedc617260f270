// OrderBoard: filters, sorts and counts over all orders, columnar in memory (architecture.md, Storage 7).

/** All conditions must hold; absent conditions always do. States are the names of domain §2. Times are epoch milliseconds. */
export interface BoardFilter {
  readonly lifecycle?: readonly string[]
  readonly credit?: readonly string[]
  readonly fulfilment?: readonly string[]
  readonly billing?: readonly string[]
  readonly customer?: readonly string[]
  readonly channel?: readonly string[]
  readonly company?: readonly string[]
  readonly hasParked?: boolean
  readonly capturedFromMs?: number
  readonly capturedToMs?: number
  readonly promisedFromMs?: number
  readonly promisedToMs?: number
  readonly updatedFromMs?: number
  readonly updatedToMs?: number
}
export type BoardColumn = 'capturedAt' | 'promisedAt' | 'updatedAt' | 'number'
export interface BoardOrder {
  readonly by: BoardColumn
  readonly descending: boolean
}
export interface BoardPage {
  readonly orders: readonly string[]
  readonly totalCount: number
  /** Cursor of each order in `orders`. */
  readonly cursors: readonly string[]
  readonly hasNext: boolean
}
export type BoardFacet = 'lifecycle' | 'credit' | 'fulfilment' | 'billing' | 'customer' | 'channel' | 'company'
export interface FacetCount {
  readonly values: Readonly<Partial<Record<BoardFacet, string>>>
  readonly count: number
}
