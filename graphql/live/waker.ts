// Waker: wakes readers that have something to be told.
//   B4  Nobody is woken before all of a batch is in the backlogs: a reader takes it in one go, in one write.
//   B5  Readers are woken in lots, and the event loop turns between two of them: a crowd keeps no request waiting.

// 64: with a batch of a hundred changes a few milliseconds.
const LOT = 64

export class Waker {
  private readonly waiting = new Set<() => void>()
  private isScheduled = false

  /** Calls `wake` once, soon. */
  soon(wake: () => void): void {
    this.waiting.add(wake)
    this.schedule()
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(() => this.wakeSome())
  }

  private wakeSome(): void {
    this.isScheduled = false
    let left = LOT
    for (const wake of this.waiting) {
      this.waiting.delete(wake)
      wake()
      if (--left === 0) break
    }
    if (this.waiting.size > 0) this.schedule()
  }
}
