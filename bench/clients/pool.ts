// Pool: keep-alive connections shared by requests that do not wait for one another.
import { Connection } from './connection.ts'

/** Connections that serve whoever comes first, in turn, so that the server finds none idle and closes it; who finds none free waits. */
export class Pool {
  readonly #connections: readonly Connection[]
  readonly #free: Connection[]
  readonly #waiting: ((connection: Connection) => void)[] = []

  constructor(url: URL, count: number) {
    this.#connections = Array.from({ length: count }, () => new Connection(url))
    this.#free = [...this.#connections]
  }

  async use<Result>(work: (connection: Connection) => Promise<Result>): Promise<Result> {
    const connection = this.#free.shift() ?? (await new Promise<Connection>(take => void this.#waiting.push(take)))
    try {
      return await work(connection)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(connection)
      else next(connection)
    }
  }

  /** Resolves once all are connected. */
  async opened(): Promise<void> {
    await Promise.all(this.#connections.map(connection => connection.opened()))
  }

  close(): void {
    for (const connection of this.#connections) connection.close()
  }
}
