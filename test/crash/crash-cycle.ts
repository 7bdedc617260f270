// One cycle: a server starts on the store as the last kill left it, systems send to it, it is killed in the middle.
// Nothing waits for a clock: the kill comes after a number of acknowledgements that the seed chose.
import type { Random } from '../../connectors/simulated/random.ts'
import { isTransient } from '../../engine/outcome.ts'
import type { EventInput } from '../../machines/event.ts'
import { type ServerProcess, serverProcess } from '../helpers/server-process.ts'
import type { Ledger } from './ledger.ts'
import { linesOf, posted } from './stream.ts'

export interface CrashCycle {
  readonly config: string
  readonly random: Random
  readonly ledger: Ledger
  /** What is to be sent, oldest first. */
  readonly events: readonly EventInput[]
}

// Within a chunk the systems send side by side; then the next begins, so that none runs far ahead of the others.
const CHUNK = 300
const REQUEST_MAX = 25
const ACKNOWLEDGEMENTS_MAX = 600

export interface CycleReport {
  /** Events that need not be sent again: they were answered. What is left begins with those nobody answered. */
  readonly left: readonly EventInput[]
  readonly acknowledged: number
}

export async function crashCycle({ config, events, ledger, random }: CrashCycle): Promise<CycleReport> {
  const server = await serverProcess(config)
  const sending = new Sending(server, ledger, random.whole(ACKNOWLEDGEMENTS_MAX))
  let from = 0
  try {
    for (; from < events.length && !sending.isOver; from += CHUNK)
      await sending.chunk(events.slice(from, from + CHUNK), random)
  } finally {
    await sending.over()
  }
  return { left: [...sending.unanswered, ...events.slice(from)], acknowledged: sending.acknowledged }
}

class Sending {
  isOver = false
  acknowledged = 0
  readonly unanswered: EventInput[] = []
  private readonly server: ServerProcess
  private readonly ledger: Ledger
  private readonly killAfter: number
  private killed: Promise<void> | undefined

  constructor(server: ServerProcess, ledger: Ledger, killAfter: number) {
    this.server = server
    this.ledger = ledger
    this.killAfter = killAfter
  }

  /** Every source sends its part, one request after the other. */
  async chunk(events: readonly EventInput[], random: Random): Promise<void> {
    const bySource = Map.groupBy(events, event => event.source)
    const requests = [...bySource.values()].map(queue => cut(queue, random))
    await Promise.all(
      requests.map(async queue => {
        for (const request of queue) await this.request(request)
      }),
    )
  }

  /** Kills what was not killed on the way. */
  async over(): Promise<void> {
    this.kill()
    await this.killed
  }

  private async request(events: readonly EventInput[]): Promise<void> {
    let answered = 0
    try {
      if (this.isOver) return
      for (const event of events) this.ledger.send(event)
      const answers = linesOf(await posted(this.server.url, events))
      if (this.acknowledged >= this.killAfter) this.kill()
      for await (const outcome of answers) {
        const event = events[answered] as EventInput
        if (isTransient(outcome.outcome)) break
        this.ledger.tell(event, outcome)
        answered++
        if (++this.acknowledged >= this.killAfter) this.kill()
      }
    } catch (error) {
      // The connection ends with the server. Anything else is a failure of the run.
      if (!this.isOver || !(error instanceof TypeError)) throw error
    } finally {
      this.unanswered.push(...events.slice(answered))
    }
  }

  private kill(): void {
    this.isOver = true
    this.killed ??= this.server.kill()
  }
}

function cut(queue: readonly EventInput[], random: Random): EventInput[][] {
  const requests: EventInput[][] = []
  for (let from = 0; from < queue.length; ) {
    const count = 1 + random.whole(REQUEST_MAX)
    requests.push(queue.slice(from, from + count))
    from += count
  }
  return requests
}
