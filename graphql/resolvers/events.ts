// Mutations: events as GraphQL has them → CloudEvents attributes → the twin's outcomes.
import { isTransient, type Outcome } from '../../engine/outcome.ts'
import type { Resolve, Resolvers } from '../graph-context.ts'

export interface EventFields {
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly data?: unknown
  readonly dataSchema?: string | null
  readonly expectedVersion?: number | null
  readonly sequence?: number | null
  readonly correlationId?: string | null
  readonly causationId?: string | null
  readonly traceparent?: string | null
}

/** CloudEvents has its attributes in lower case, and none that is null. */
export const attributesOf = (fields: EventFields): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value == null ? [] : [[name.toLowerCase(), value]])),
  )

interface EventsArguments {
  readonly events: readonly EventFields[]
}

export const submitEvents: Resolve<unknown, EventsArguments> = (_, { events }, { twin, sender }) =>
  twin.submit(events.map(attributesOf), sender)

export const preview: Resolve<unknown, EventsArguments> = (_, { events }, { twin, sender }) =>
  twin.preview(events.map(attributesOf), sender)

export const outcome: Resolvers = { isTransient: ({ outcome }: Outcome) => isTransient(outcome) }
