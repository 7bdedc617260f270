// What the servers of a fan-out are compared by: the same operation, the same changes.

export interface FeedChange {
  readonly cursor: string
  readonly entries: number
  readonly order: {
    readonly number: string
    readonly customer: string
    readonly state: {
      readonly lifecycle: string
      readonly credit: string
      readonly fulfilment: string
      readonly billing: string
    }
  }
}

export interface Feed {
  readonly url: string
  /** Resolves when the changes are on their way. */
  publish(changes: readonly FeedChange[]): Promise<void>
  close(): Promise<void>
}

export const FEED_QUERY =
  'subscription { ordersChanged { cursor entries order { number customer state { lifecycle credit fulfilment billing } } } }'

/** Types the operation needs and no more, for servers that have nothing else to show. */
export const FEED_SDL = `
  type Query { ready: Boolean! }
  type Subscription { ordersChanged: OrderChange! }
  type OrderChange { cursor: String! entries: Int! order: Order! }
  type Order { number: String! customer: String! state: OrderState! }
  type OrderState { lifecycle: String! credit: String! fulfilment: String! billing: String! }
`
