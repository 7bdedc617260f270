// FirstItems: the first of many in an order, without sorting all of them. Pure.

export interface Window<Item> {
  /** How many are kept. */
  readonly most: number
  /** Negative where `a` comes first. */
  readonly compare: (a: Item, b: Item) => number
}

/** Puts `item` into its place among `items`, which stay in order; behind those that are equal, and out again where it comes after the last place. */
export function putInto<Item>(items: Item[], item: Item, { compare, most }: Window<Item>): void {
  if (items.length >= most && (most === 0 || compare(item, items[most - 1] as Item) >= 0)) return
  let low = 0
  for (let high = items.length; low < high; ) {
    const middle = (low + high) >> 1
    if (compare(items[middle] as Item, item) <= 0) low = middle + 1
    else high = middle
  }
  items.splice(low, 0, item)
  if (items.length > most) items.pop()
}
