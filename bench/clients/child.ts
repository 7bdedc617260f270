// Child: a module of ours in a process of its own. It is told things and tells things, one message at a time, and is killed when
// nobody needs it any more, or when its parent is gone.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { endWithUs } from '../ending.ts'

// 16 MB, as a twin is started with: what waits while a client's own garbage is collected counts as the server's, and some children are twins.
const SHORT_PAUSES = ['--max-semi-space-size=16']

const ORPHAN = new URL('./orphan.ts', import.meta.url)

interface Waiting {
  take(message: unknown): void
  fail(error: Error): void
}

export class Child {
  readonly #process: ChildProcess
  readonly #name: string
  readonly #told: unknown[] = []
  #waiting: Waiting | undefined
  #ended: Error | undefined

  constructor(module: URL) {
    this.#name = module.pathname.split('/').at(-1) ?? ''
    this.#process = fork(module, { execArgv: [...SHORT_PAUSES, '--import', ORPHAN.href] })
    endWithUs(this.#process, 'SIGKILL')
    this.#process.on('message', message => {
      if (this.#waiting === undefined) this.#told.push(message)
      else this.#settle().take(message)
    })
    this.#process.once('exit', code => {
      this.#ended = new Error(`bench: ${this.#name} ended with ${code} and no answer`)
      if (this.#waiting !== undefined) this.#settle().fail(this.#ended)
    })
  }

  tell(message: object): void {
    this.#process.send(message)
  }

  /** The next thing it tells. Rejects when it ends first. One caller at a time. */
  next<Message>(): Promise<Message> {
    if (this.#told.length > 0) return Promise.resolve(this.#told.shift() as Message)
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    return new Promise((take, fail) => {
      this.#waiting = { take: take as (message: unknown) => void, fail }
    })
  }

  async ask<Message>(message: object): Promise<Message> {
    this.tell(message)
    return this.next<Message>()
  }

  /** Kills it, whatever it does; resolves when it is gone. */
  async end(): Promise<void> {
    if (this.#ended !== undefined) return
    const exit = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await exit
  }

  #settle(): Waiting {
    const waiting = this.#waiting as Waiting
    this.#waiting = undefined
    return waiting
  }
}

/** The answer of `module` to `task`; once it has answered it is killed. Rejects when it ends without an answer. */
export async function apart<Answer>(module: URL, task: object): Promise<Answer> {
  const child = new Child(module)
  try {
    return await child.ask<Answer>(task)
  } finally {
    await child.end()
  }
}
