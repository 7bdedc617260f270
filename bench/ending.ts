// Ending: what a run has started and made is gone when the run is, also where somebody cuts it short. Each process that is started and
// each folder that is made for a while is told of here.
import type { ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { constants } from 'node:os'

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const
// A database server that is asked to end cuts its clients and ends within a second.
const END_MS_MAX = 5_000
// What else has files open there may make one more while they are removed.
const REMOVALS = { recursive: true, force: true, maxRetries: 20, retryDelay: 50 } as const

const running = new Map<ChildProcess, NodeJS.Signals>()
const folders = new Set<string>()

/** The process is sent `signal` when this one is to end. */
export function endWithUs(child: ChildProcess, signal: NodeJS.Signals): void {
  // What could not be started never exits.
  if (child.pid === undefined) return
  running.set(child, signal)
  child.once('exit', () => running.delete(child))
}

/** Runs while the folder is there, which is then removed; one that `isLeft` only where the run fails or is cut short. */
export async function whileThere<Result>(folder: string, run: () => Promise<Result>, isLeft = false): Promise<Result> {
  folders.add(folder)
  try {
    const result = await run()
    if (isLeft) folders.delete(folder)
    return result
  } finally {
    if (folders.has(folder)) await rm(folder, REMOVALS)
    folders.delete(folder)
  }
}

/** From now on the first SIGINT, SIGTERM or SIGHUP ends what was started and removes what is not to be left. */
export function endOnSignals(): void {
  let isEnding = false
  for (const signal of SIGNALS)
    process.on(signal, () => {
      // One Ctrl-C under npm comes twice: from the terminal, and handed on by npm.
      if (!isEnding) void end(signal)
      isEnding = true
    })
}

async function end(signal: (typeof SIGNALS)[number]): Promise<never> {
  // The run is cut off wherever it is: that its parts fail is no news.
  process.on('uncaughtException', () => undefined)
  const late = setTimeout(() => {
    for (const child of running.keys()) child.kill('SIGKILL')
  }, END_MS_MAX)
  // A run whose child has ended may start the next before this goes on.
  while (running.size > 0) await Promise.all([...running].map(ended))
  clearTimeout(late)
  // At once, and nothing of the run in between: it makes no new folder.
  for (const folder of folders) rmSync(folder, REMOVALS)
  process.exit(128 + constants.signals[signal])
}

const ended = ([child, signal]: [ChildProcess, NodeJS.Signals]): Promise<void> =>
  new Promise(resolve => {
    child.once('exit', () => resolve())
    child.kill(signal)
  })
