// Stream: events sent as the lines of one request, and its answers as they come in.
import type { Outcome } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { sent } from '../helpers/turned-away.ts'

/** Sends events as lines of one stream. */
export const posted = (url: string, events: readonly EventInput[]): Promise<Response> =>
  sent(
    `${url}/v1/events`,
    'application/x-ndjson',
    events.map(event => `${JSON.stringify({ specversion: '1.0', ...event })}\n`).join(''),
  )

/** Outcomes as they come in, each as soon as its line is whole. */
export async function* linesOf(response: Response): AsyncGenerator<Outcome> {
  if (response.status !== 200 || response.body === null)
    throw new Error(`HTTP ${response.status}: ${await response.text()}`)
  let rest = ''
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield JSON.parse(line) as Outcome
  }
}
