// A real twin behind a real server on a free port, and a client that sends single events.
import { onTestFinished } from 'vitest'
import { type EngineInMemory, type MemoryEngineOptions, openMemoryEngine } from './memory-engine.ts'
import { type Answered, sendEvent } from './send-event.ts'
import { serve } from './wire.ts'

export interface TwinServer {
  readonly url: string
  readonly twin: EngineInMemory['engine']
  /** Sends one event as structured CloudEvent. */
  send(event: unknown): Promise<Answered>
  /** Sends events one after another, each after the answer to the last. */
  sendAll(events: readonly unknown[]): Promise<readonly Answered[]>
}

/** Both end with the test. */
export async function serveTwin(options: MemoryEngineOptions = {}): Promise<TwinServer> {
  const { engine: twin } = await openMemoryEngine(options)
  onTestFinished(() => twin.close())
  const { url } = await serve({ twin })
  const send = (event: unknown) => sendEvent(url, event)
  return {
    url,
    twin,
    send,
    async sendAll(events) {
      const answers: Answered[] = []
      for (const event of events) answers.push(await send(event))
      return answers
    },
  }
}
