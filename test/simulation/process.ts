// A process in the simulation: alive, held (SIGSTOP: it does nothing until it goes on) or dead (nothing it waits for ever comes).
export class SimulatedProcess {
  readonly number: number
  private state: 'alive' | 'held' | 'dead' = 'alive'
  private waiting: (() => void)[] = []
  /** Resolves when it is dead or held. */
  readonly stopped: Promise<'dead' | 'held'>
  private stop: (how: 'dead' | 'held') => void = () => undefined
  /** Whether the power went with it. */
  lostPower = false
  /** Whether its disk failed it in a way that may end its writing. */
  sawReadError = false

  constructor(number: number) {
    this.number = number
    this.stopped = new Promise(resolve => {
      this.stop = resolve
    })
  }

  get isAlive(): boolean {
    return this.state === 'alive'
  }

  die(): void {
    this.state = 'dead'
    this.waiting = []
    this.stop('dead')
  }

  hold(): void {
    this.state = 'held'
    this.stop('held')
  }

  goOn(): void {
    if (this.state !== 'held') return
    this.state = 'alive'
    const waiting = this.waiting
    this.waiting = []
    for (const wake of waiting) wake()
  }

  /** Passes while it is alive; later once it goes on; never when it is dead. */
  async passes(): Promise<void> {
    while (this.state !== 'alive')
      await new Promise<void>(resolve => {
        // What a dead process waits for is dropped with it.
        if (this.state === 'held') this.waiting.push(resolve)
      })
  }
}

/** `count` turns of the event loop. */
export async function ticks(count: number): Promise<void> {
  for (let tick = 0; tick < count; tick++) await new Promise<void>(resolve => void setImmediate(resolve))
}
