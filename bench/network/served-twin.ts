// ServedTwin: the twin of a day behind its server, which may be stopped and started again on the same store and address.
import { type Serving, serve } from '../../cli/serving.ts'
import type { Engine } from '../../engine/engine.ts'
import type { Twin } from '../../engine/twin.ts'
import { openBenchTwin } from '../store.ts'

/** What is served in place of the engine; for tests that break it. */
export type Wrap = (engine: Engine) => Twin

const HOST = '127.0.0.1'

export class ServedTwin {
  readonly #data: string
  readonly #wrap: Wrap
  #engine: Engine
  #serving: Serving
  readonly url: string

  static async open(data: string, wrap: Wrap = engine => engine): Promise<ServedTwin> {
    const engine = await openBenchTwin(data)
    return new ServedTwin({ data, wrap, engine, serving: await serve(wrap(engine), { host: HOST, port: 0 }) })
  }

  private constructor({ data, engine, serving, wrap }: { data: string; engine: Engine; serving: Serving; wrap: Wrap }) {
    this.#data = data
    this.#wrap = wrap
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
    this.#serving = await serve(this.#wrap(this.#engine), { host: HOST, port: Number(new URL(this.url).port) })
  }
}
