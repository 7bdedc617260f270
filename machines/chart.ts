// Chart: a statechart with what the engine needs beside it: its guards, how each is judged, its assigns, its regions.
// The statechart itself is authored with XState's setup().createMachine(); owners and lateness stand in each transition's meta.
import { type AnyStateMachine, assign } from 'xstate'
import type { CanonicalEvent } from './event.ts'
import type { EventType } from './event-types.ts'
import type { LineQuantity } from './events/fields.ts'
import type { ActorKey, EntityKind, Place } from './ids.ts'
import type { OwnerRule } from './owners.ts'
import type { Amount, LineChange } from './quantities.ts'
import type { Disposition } from './return/context.ts'
import type { Source } from './sources.ts'

/** A line with what some events say of it beside its quantity. */
export interface NamedLine extends LineQuantity {
  readonly condition?: string
  readonly disposition?: Disposition
}

/** What a canonical event brings into a chart: the event, its quantities in base units, who said it. */
export type Move<Type extends EventType = EventType> = Extract<CanonicalEvent, { type: Type }> & {
  /** Per line in the order's own base units; empty where the event names no lines. */
  readonly amounts: readonly Amount[]
  /** The same, one for each line of the order that the event names, in its order: a line may come twice. */
  readonly parts: readonly Amount[]
  /** Those lines as the event names them: it may name lines of other orders too. */
  readonly named: readonly NamedLine[]
  /** Contents of the cartons the event names, in its order; undefined where a carton's are not known. */
  readonly contents: readonly (readonly Amount[] | undefined)[]
  readonly origin: Source
  /** The tracking number the event was addressed by, or names; undefined for the whole. */
  readonly tracking?: string
}

/** A related actor's change of quantities, told to its order. Data, not a message: the engine carries it over at once. */
export interface Signal {
  readonly type: 'shipment.counted' | 'return.counted'
  readonly actor: ActorKey
  readonly changes: readonly LineChange[]
  /** Money credited by it, minor units. */
  readonly creditedMinor: number
  readonly cause: { readonly type: EventType; readonly timeMs: number; readonly place: Place }
}

export type ChartEvent = Move | Signal

export interface TransitionMeta {
  readonly owner: OwnerRule
  /** The step is past or the setting replaced: the fact counts, no state moves (outcome `superseded`). */
  readonly late?: true
}

/** Why a gate stays shut. `waits` may still open; the others never will (domain C4). */
export interface Obstacle {
  readonly verdict: 'not_owner' | 'not_allowed_in_state' | 'quantity_exceeded' | 'waits'
  readonly code: string
  readonly reason: string
  readonly owner?: OwnerRule
  readonly waitsFor?: { readonly event: EventType; readonly owner: OwnerRule }
  readonly locked?: readonly string[]
  /** It keeps a permission, not a quantity or a fact: a person may override it, with a reason. */
  readonly isPermission?: true
}

// A chart's gates, conditions and assigns each take their own events; the chart hands each only those, which the type of
// a table that holds them all cannot say.
// biome-ignore lint/suspicious/noExplicitAny: see above
type AnyEvent = any
/**
 * A gate: undefined when open, else the obstacle. Pure. With an event it judges that event; without one it tells what
 * would stand in the way of any such event now, as far as that can be said without its data (nextActions).
 */
export type Gate<Context> = (context: Context, event?: AnyEvent) => Obstacle | undefined
/** A condition chooses between candidates or settles a derived state. Pure; never refuses. */
export type Condition<Context> = (context: Context, event: AnyEvent) => boolean
/** What some conditions ask of a context: how each of them turns out follows from it alone. Pure. */
export type Choice<Context> = (context: Context) => unknown
/** The changed keys of the context. Pure. */
export type Assigner<Context> = (context: Context, event: AnyEvent) => object

export interface ChartParts<Context> {
  readonly gates: Readonly<Record<string, Gate<Context>>>
  readonly conditions: Readonly<Record<string, Condition<Context>>>
  /** What some of the conditions ask, by their names. Whoever knows it knows how all that ask it turn out, and asks none of them. */
  readonly choices?: Readonly<Record<string, Choice<Context>>>
  readonly assigners: Readonly<Record<string, Assigner<Context>>>
  /** A copy of a context that assigns may then change: the same keys in the same order. */
  readonly copy: (context: Context) => Record<string, unknown>
}

/** `Context` is erased where charts of several kinds are held together. */
export interface Chart extends ChartParts<never> {
  readonly kind: EntityKind
  /** Frozen once a journal entry has named it (E11). */
  readonly version: number
  readonly machine: AnyStateMachine
  /** Paths of the regions, in the order their states stand in an actor's state text. */
  readonly regions: readonly string[]
  /** The event that makes such an actor, and who may report it. */
  readonly creation: readonly { readonly event: EventType; readonly owner: OwnerRule }[]
  /** From the previous version's state text and context to this one's; undefined where there is no way across. */
  readonly migrate?: (
    state: string,
    context: object,
  ) => { readonly state: string; readonly context: object } | undefined
}

/** Conditions that ask whether `choice` is a value, by their names. */
export function whetherIs<Context>(choice: Choice<Context>, values: Readonly<Record<string, unknown>>) {
  const names = Object.keys(values)
  return {
    conditions: Object.fromEntries(names.map(name => [name, (context: Context) => choice(context) === values[name]])),
    choices: Object.fromEntries(names.map(name => [name, choice])),
  }
}

/** The `guards` of a machine: gates (open or not) and conditions under their names. */
export function guardsOf<Context>({ gates, conditions }: Pick<ChartParts<Context>, 'gates' | 'conditions'>) {
  const named = (table: Record<string, (context: Context, event: AnyEvent) => boolean>) =>
    Object.fromEntries(
      Object.entries(table).map(([name, holds]) => [
        name,
        ({ context, event }: { context: Context; event: AnyEvent }) => holds(context, event),
      ]),
    )
  const isOpen = Object.fromEntries(
    Object.entries(gates).map(([name, gate]) => [
      name,
      (context: Context, event: AnyEvent) => gate(context, event) === undefined,
    ]),
  )
  return { ...named(isOpen), ...named(conditions) }
}

/** The `actions` of a machine: each assigner under its name. */
export function actionsOf<Context extends object>({ assigners }: Pick<ChartParts<Context>, 'assigners'>) {
  return Object.fromEntries(
    Object.entries(assigners).map(([name, assigner]) => [
      name,
      assign<Context, AnyEvent, undefined, AnyEvent, never>(
        ({ context, event }): Partial<Context> => assigner(context, event),
      ),
    ]),
  )
}
