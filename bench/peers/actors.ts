// XState actors as its documentation uses them: kept live, or restored from a persisted snapshot for each event.
import { type AnyActorRef, type AnyMachineSnapshot, createActor } from 'xstate'
import type { ChartEvent } from '../../machines/chart.ts'
import { CHARTS } from '../../machines/charts.ts'
import type { Heard } from './hearing.ts'
import { type ActorKind, judge, type OrderActors } from './judging.ts'

/** Actors are named by their order and kind: an order of the load has one shipment. */
export const actorName = (order: string, kind: ActorKind): string => `${order} ${kind}`

// As in the engine, some closed orders stay beside the open ones. What is still said of one, a rejection that must be refused, comes in
// the next lap, and no lap of ours closes as many; a user would restore what is told of later. All of 25,000 orders would be 600 MB.
const CLOSED_MAX = 5_000

export class LiveActors {
  readonly #orders = new Map<string, LiveOrder>()
  /** The oldest first. */
  readonly #closed = new Set<string>()

  /** Whether the event moved the actors of its order. */
  judge(heard: Heard): boolean {
    const known = this.#orders.get(heard.order)
    const order = known ?? new LiveOrder()
    if (known === undefined) this.#orders.set(heard.order, order)
    const isAccepted = judge(order, heard)
    if (isAccepted && heard.event.type === 'order.closed') this.#close(heard.order)
    return isAccepted
  }

  /** Persisted snapshots, by name, of the order's actors that are new or moved since this was last asked. */
  snapshots(order: string): readonly (readonly [name: string, text: string])[] {
    const moved = this.#orders.get(order)?.moved() ?? []
    return moved.map(([kind, actor]) => [actorName(order, kind), snapshotText(actor)] as const)
  }

  #close(order: string): void {
    this.#closed.add(order)
    const [oldest] = this.#closed
    if (oldest === undefined || this.#closed.size <= CLOSED_MAX) return
    this.#closed.delete(oldest)
    this.#orders.delete(oldest)
  }
}

class LiveOrder implements OrderActors {
  readonly #actors: { [Kind in ActorKind]?: AnyActorRef } = {}
  #moved: readonly ActorKind[] = []

  context(kind: ActorKind): object | undefined {
    const actor = this.#actors[kind]
    return actor === undefined ? undefined : contextOf(actor)
  }

  create(kind: ActorKind, context: object): void {
    this.#actors[kind] = newActor(kind, context)
    this.#note(kind)
  }

  send(kind: ActorKind, event: ChartEvent): boolean {
    const actor = this.#actors[kind]
    if (actor === undefined || !isTaken(actor, event)) return false
    this.#note(kind)
    return true
  }

  moved(): readonly (readonly [ActorKind, AnyActorRef])[] {
    const moved = this.#moved
    this.#moved = []
    return moved.map(kind => [kind, this.#actors[kind] as AnyActorRef] as const)
  }

  #note(kind: ActorKind): void {
    if (!this.#moved.includes(kind)) this.#moved = [...this.#moved, kind]
  }
}

/** Persisted snapshots as text, by name; undefined for an actor nobody has persisted yet. */
export type Snapshots = Map<string, string | undefined>

/** Whether the event moved the actors of its order: those it reaches are restored from `snapshots`, and persisted there. */
export function judgeRestored(snapshots: Snapshots, heard: Heard): boolean {
  const order = new RestoredOrder(snapshots, heard.order)
  const isAccepted = judge(order, heard)
  order.end()
  return isAccepted
}

class RestoredOrder implements OrderActors {
  readonly #snapshots: Snapshots
  readonly #order: string
  readonly #persisted: { [Kind in ActorKind]?: AnyMachineSnapshot } = {}
  /** Only what hears something is restored. */
  readonly #actors = new Map<ActorKind, { readonly actor: AnyActorRef; isMoved: boolean }>()

  constructor(snapshots: Snapshots, order: string) {
    this.#snapshots = snapshots
    this.#order = order
  }

  context(kind: ActorKind): object | undefined {
    const held = this.#actors.get(kind)
    return held === undefined ? this.#read(kind)?.context : contextOf(held.actor)
  }

  create(kind: ActorKind, context: object): void {
    this.#actors.set(kind, { actor: newActor(kind, context), isMoved: true })
  }

  send(kind: ActorKind, event: ChartEvent): boolean {
    const held = this.#actors.get(kind) ?? this.#restored(kind)
    if (held === undefined || !isTaken(held.actor, event)) return false
    held.isMoved = true
    return true
  }

  /** Persists who has moved, and lets go of all. */
  end(): void {
    for (const [kind, { actor, isMoved }] of this.#actors) {
      if (isMoved) this.#snapshots.set(actorName(this.#order, kind), snapshotText(actor))
      actor.stop()
    }
  }

  #restored(kind: ActorKind) {
    const snapshot = this.#read(kind)
    if (snapshot === undefined) return undefined
    const held = { actor: createActor(CHARTS[kind].machine, { snapshot }).start(), isMoved: false }
    this.#actors.set(kind, held)
    return held
  }

  #read(kind: ActorKind): AnyMachineSnapshot | undefined {
    const text = this.#snapshots.get(actorName(this.#order, kind))
    if (text !== undefined) this.#persisted[kind] ??= JSON.parse(text) as AnyMachineSnapshot
    return this.#persisted[kind]
  }
}

const newActor = (kind: ActorKind, context: object): AnyActorRef =>
  createActor(CHARTS[kind].machine, { input: context }).start()

const contextOf = (actor: AnyActorRef): object => (actor.getSnapshot() as AnyMachineSnapshot).context as object

/** A chart that has no such move leaves the snapshot as it was, the same object: can() would ask all guards once more. */
function isTaken(actor: AnyActorRef, event: ChartEvent): boolean {
  const before = actor.getSnapshot()
  actor.send(event)
  return actor.getSnapshot() !== before
}

const snapshotText = (actor: AnyActorRef): string => JSON.stringify(actor.getPersistedSnapshot())
