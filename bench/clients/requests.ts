// Requests: events as the bytes of HTTP requests, made before the clock runs, and outcomes read from the answers. Pure.
import type { Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { requestBytes } from './connection.ts'

/** Lines of a stream, one CloudEvent, or a GraphQL mutation. */
export type Form = 'lines' | 'single' | 'mutation'

export type AnsweredOutcome = Pick<Outcome, 'id' | 'outcome'>

/** One request with `events`; `single` takes one. */
export function requestOf(events: readonly EventInput[], form: Form, url: string): Buffer {
  switch (form) {
    case 'lines':
      return requestBytes(
        new URL('/v1/events', url),
        'application/x-ndjson',
        events.map(each => JSON.stringify(each)).join('\n'),
      )
    case 'single':
      return requestBytes(new URL('/v1/events', url), 'application/cloudevents+json', JSON.stringify(events[0]))
    case 'mutation':
      return requestBytes(
        new URL('/graphql', url),
        'application/json',
        JSON.stringify({ query: SUBMIT, variables: { events: events.map(graphEvent) } }),
      )
  }
}

/** What the body of its answer says of each event, in order. */
export function outcomesIn(body: string, form: Form): readonly AnsweredOutcome[] {
  if (form !== 'mutation')
    return body
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as AnsweredOutcome)
  const { data, errors } = JSON.parse(body) as { data?: { submitEvents: AnsweredOutcome[] }; errors?: unknown }
  if (data == null) throw new Error(`bench: the mutation was refused: ${JSON.stringify(errors)}`)
  return data.submitEvents
}

const SUBMIT = 'mutation ($events: [EventInput!]!) { submitEvents(events: $events) { id outcome } }'

/** The attributes under their GraphQL names. */
const graphEvent = ({ data, dataschema, id, source, subject, time, type }: EventInput) => ({
  id,
  source,
  type,
  subject,
  time,
  data,
  ...(dataschema === undefined ? {} : { dataSchema: String(dataschema) }),
})
