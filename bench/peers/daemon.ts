// Daemon: a database server of our own for the time of a measurement, on a free port, in a folder of its own, ended by its id.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, readdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { endWithUs } from '../ending.ts'
import { PeerUnavailable } from './peer.ts'

/** Who it runs as; undefined: as ourselves. */
export interface User {
  readonly uid: number
  readonly gid: number
}

export interface DaemonOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly user?: User
  /** How it is asked to end. */
  readonly signal: NodeJS.Signals
}

export class Daemon {
  readonly #process: ChildProcess
  readonly #signal: NodeJS.Signals
  #said = ''

  constructor({ args, command, signal, user }: DaemonOptions) {
    this.#signal = signal
    this.#process = spawn(command, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] })
    // SIGINT: database servers cut their clients then.
    endWithUs(this.#process, 'SIGINT')
    guard(this.#process, user)
    this.#process.on('error', error => {
      this.#said += error.message
    })
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.on('data', text => {
        this.#said = `${this.#said}${text}`.slice(-SAID_MAX)
      })
  }

  /** Resolves with what `tryOnce` resolves with, once it does. Rejects with PeerUnavailable when it never does. */
  async ready<Result>(tryOnce: () => Promise<Result>): Promise<Result> {
    const giveUpMs = performance.now() + READY_MS_MAX
    for (;;) {
      try {
        return await tryOnce()
      } catch (cause) {
        if (this.#process.exitCode === null && performance.now() < giveUpMs) await pause(RETRY_MS)
        else throw new PeerUnavailable(`it does not start: ${this.#said.trim().split('\n').at(-1) || String(cause)}`)
      }
    }
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.pid === undefined) return
    const ended = once(this.#process, 'exit')
    this.#process.kill(this.#signal)
    const late = setTimeout(() => this.#process.kill('SIGKILL'), END_MS_MAX)
    await ended
    clearTimeout(late)
  }
}

/** Whatever becomes of us, it does not outlive us: a shell reads from a pipe that ends when we do, also where we are killed. */
function guard(server: ChildProcess, user: User | undefined): void {
  if (server.pid === undefined) return
  const args = ['-c', 'read -r never; kill -9 "$0"', String(server.pid)]
  const shell = spawn('/bin/sh', args, { ...user, stdio: ['pipe', 'ignore', 'ignore'] })
  endWithUs(shell, 'SIGKILL')
  server.once('exit', () => shell.kill('SIGKILL'))
}

const SAID_MAX = 4_000
const READY_MS_MAX = 20_000
const RETRY_MS = 100
const END_MS_MAX = 10_000

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The first of `folders` (`*` stands for any name, the newest last) in which there is such a command; its path. */
export function commandIn(name: string, folders: readonly string[]): string | undefined {
  return folders
    .flatMap(expanded)
    .map(folder => `${folder}/${name}`)
    .find(isExecutable)
}

function expanded(folder: string): readonly string[] {
  const [before, after] = folder.split('*')
  if (after === undefined) return [folder]
  try {
    return readdirSync(before ?? '/')
      .sort((a, b) => Number(b) - Number(a))
      .map(each => `${before}${each}${after}`)
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Some servers refuse to run as root: then it is `name`, or nobody. */
export function unprivileged(name: string): User | undefined {
  if (process.getuid?.() !== 0) return undefined
  for (const each of [name, 'nobody'])
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, each], { stdio: ['ignore', 'pipe', 'ignore'] }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // There is no such user; the next may be there.
    }
  return undefined
}
