// Runs a module of ours in a process of its own: it gets one message and answers with one.
import { fork } from 'node:child_process'
import { once } from 'node:events'

/** The answer of `module` to `task`. Rejects when it ends without one. */
export async function apart<Answer>(module: URL, task: object): Promise<Answer> {
  const child = fork(module, { execArgv: [] })
  child.send(task)
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`bench: ${module.pathname.split('/').at(-1)} ended with ${code} and no answer`)
  })
  const [answer] = (await Promise.race([once(child, 'message'), ended])) as [Answer]
  ended.catch(() => undefined)
  return answer
}
