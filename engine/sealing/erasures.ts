// Erasures: those that wait for their turn, one after another, in the order asked for.
// Owns: the queue, and what is answered where one cannot be done.   Does not own: what erasing is (erasing.ts), when one has its turn.
import { reasonOf } from '../deciding.ts'
import type { EraseOutcome, EraseRequest } from './erasing.ts'

interface ErasuresOptions {
  /** Why nothing can be erased now; undefined where it can. */
  readonly obstacle: () => string | undefined
  readonly erase: (request: EraseRequest) => Promise<EraseOutcome>
  readonly onTrouble: (trouble: string) => void
}

export class Erasures {
  private readonly jobs: { readonly request: EraseRequest; readonly done: (outcome: EraseOutcome) => void }[] = []
  private readonly options: ErasuresOptions

  constructor(options: ErasuresOptions) {
    this.options = options
  }

  get isWaiting(): boolean {
    return this.jobs.length > 0
  }

  put(request: EraseRequest): Promise<EraseOutcome> {
    return new Promise(done => this.jobs.push({ request, done }))
  }

  /** Runs the one that waits longest, where one does. */
  async runNext(): Promise<void> {
    const job = this.jobs.shift()
    if (job !== undefined) job.done(await this.outcomeOf(job.request))
  }

  private async outcomeOf(request: EraseRequest): Promise<EraseOutcome> {
    const { erase, obstacle, onTrouble } = this.options
    const reason = obstacle()
    if (reason !== undefined) return { kind: 'unavailable', reason }
    try {
      return await erase(request)
    } catch (fault) {
      onTrouble(`nothing was erased: ${reasonOf(fault)}`)
      return { kind: 'unavailable', reason: 'what was said of it cannot be read' }
    }
  }
}
