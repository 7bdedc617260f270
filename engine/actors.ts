// Actors: who a family consists of. The order stands apart, as nearly everything asks for it; the others are few, and looking
// through a short list costs less than asking a dictionary, let alone copying one with each event. Immutable.
import { type ActorKey, type EntityKind, ORDER_KEY } from '../machines/ids.ts'

export interface Actor {
  readonly key: ActorKey
  readonly kind: EntityKind
  /** Version of the chart its state and context belong to (E11). */
  readonly chart: number
  /** Counts the entries that changed it; `expectedVersion` compares with it. */
  readonly version: number
  /** Region states in the chart's order, joined by dots. */
  readonly state: string
  readonly context: object
}

export class Actors {
  readonly order: Actor | undefined
  /** Shipments and returns, in the order they came; by key where the family was packed since. */
  readonly others: readonly Actor[]

  constructor(order: Actor | undefined, others: readonly Actor[]) {
    this.order = order
    this.others = others
  }

  static of(all: readonly Actor[]): Actors {
    const isOrder = ({ key }: Actor) => key === ORDER_KEY
    return new Actors(
      all.find(isOrder),
      all.filter(actor => !isOrder(actor)),
    )
  }

  get(key: ActorKey): Actor | undefined {
    if (key === ORDER_KEY) return this.order
    const at = this.placeOf(key)
    return at < 0 ? undefined : this.others[at]
  }

  has(key: ActorKey): boolean {
    return this.get(key) !== undefined
  }

  get isNobody(): boolean {
    return this.order === undefined && this.others.length === 0
  }

  /** The order first. */
  get all(): readonly Actor[] {
    return this.order === undefined ? this.others : [this.order, ...this.others]
  }

  /** In one order, however they came. */
  get byKey(): readonly Actor[] {
    return [...this.all].sort((one, other) => (one.key < other.key ? -1 : 1))
  }

  get keys(): readonly ActorKey[] {
    return this.all.map(({ key }) => key)
  }

  /** With `actor` in place of the one that had its key, or behind all others. */
  with(actor: Actor): Actors {
    if (actor.key === ORDER_KEY) return new Actors(actor, this.others)
    const at = this.placeOf(actor.key)
    return new Actors(this.order, at < 0 ? [...this.others, actor] : this.others.with(at, actor))
  }

  without(keys: readonly ActorKey[]): Actors {
    return new Actors(
      keys.includes(ORDER_KEY) ? undefined : this.order,
      this.others.filter(({ key }) => !keys.includes(key)),
    )
  }

  private placeOf(key: ActorKey): number {
    const { others } = this
    for (let at = 0; at < others.length; at++) if ((others[at] as Actor).key === key) return at
    return -1
  }
}

export const NOBODY = new Actors(undefined, [])
