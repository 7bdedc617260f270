// ServedTwin: the twin of a day behind its server, which may be stopped and started again on the same store and address.
import { type Serving, serve } from '../../cli/serving.ts'
import type { Engine } from '../../engine/engine.ts'
import { openBenchTwin } from '../store.ts'

const HOST = '127.0.0.1'

export class ServedTwin {
  readonly #data: string
  #engine: Engine
  #serving: Serving
  readonly url: string

  static async open(data: string): Promise<ServedTwin> {
    const engine = await openBenchTwin(data)
    return new ServedTwin(data, engine, await serve(engine, { host: HOST, port: 0 }))
  }

  private constructor(data: string, engine: Engine, serving: Serving) {
    this.#data = data
    this.#engine = engine
    this.#serving = serving
    this.url = serving.server.url
  }

  get engine(): Engine {
    return this.#engine
  }

  close(): Promise<void> {
    return this.#serving.close()
  }

  async reopen(): Promise<void> {
    this.#engine = await openBenchTwin(this.#data)
    this.#serving = await serve(this.#engine, { host: HOST, port: Number(new URL(this.url).port) })
  }
}
