// The demo's clock: it follows the log while the log is played, and walks on from there afterwards.

export class DemoClock {
  private readonly now: () => number
  private baseMs = 0
  private sinceMs = 0

  /** `now` is the machine's clock, epoch milliseconds. */
  constructor(startMs: number, now: () => number) {
    this.now = now
    this.follow(startMs)
  }

  follow(logMs: number): void {
    // The log is played in ticks of any length.
    this.baseMs = Math.floor(logMs)
    this.sinceMs = this.now()
  }

  get nowMs(): number {
    return this.baseMs + (this.now() - this.sinceMs)
  }
}
