// Patience: how long clients may keep us waiting. Node's own requestTimeout counts the whole request and so would cut
// a stream that makes progress; this counts only the time in which it is the client's turn.
// Owns:  the waits in progress and one timer.   Does not own: what happens when patience ends (each wait brings that).

export interface Wait {
  /** It is the client's turn from now on; called again, it has made progress and has its full time once more. */
  begin(): void
  /** It is our turn, or nobody's any more. */
  end(): void
}

export class Patience {
  readonly #waits = new Set<ClientWait>()
  readonly #timer: NodeJS.Timeout

  constructor({ patienceMs, checkEveryMs }: { patienceMs: number; checkEveryMs: number }) {
    this.#timer = setInterval(() => this.#check(patienceMs), checkEveryMs)
    this.#timer.unref()
  }

  /** A wait, begun, that ends and calls `expired` when the client has kept us waiting too long. */
  wait(expired: () => void): Wait {
    const wait = new ClientWait(this.#waits, expired)
    wait.begin()
    return wait
  }

  close(): void {
    clearInterval(this.#timer)
    this.#waits.clear()
  }

  #check(patienceMs: number): void {
    const latestMs = performance.now() - patienceMs
    for (const wait of this.#waits) if (wait.sinceMs < latestMs) wait.expire()
  }
}

class ClientWait implements Wait {
  readonly #waits: Set<ClientWait>
  readonly #expired: () => void
  sinceMs = 0

  constructor(waits: Set<ClientWait>, expired: () => void) {
    this.#waits = waits
    this.#expired = expired
  }

  begin(): void {
    this.sinceMs = performance.now()
    this.#waits.add(this)
  }

  end(): void {
    this.#waits.delete(this)
  }

  expire(): void {
    this.end()
    this.#expired()
  }
}
