// The real command line in a process of its own: `ordertwin serve` to be killed, and other commands to see what they say.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Source } from '../../machines/sources.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

type Child = ChildProcessByStdio<null, Readable, Readable>

/** Writes a configuration file into `folder` and gives its path; the store is beside it, on any free port. */
export async function configFile(folder: string, sources: readonly Source[], more: object = {}): Promise<string> {
  const file = join(folder, 'ordertwin.config.ts')
  const config = { data: join(folder, 'store'), port: 0, sources, ...more }
  await writeFile(file, `export default ${JSON.stringify(config)}\n`)
  return file
}

function started(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  wrapper: readonly string[] = [],
): Child {
  const { ORDERTWIN_DATA: _data, ORDERTWIN_PORT: _port, ...inherited } = process.env
  const [command = process.execPath, ...before] = [...wrapper, process.execPath]
  return spawn(command, [...before, join(ROOT, 'cli', 'ordertwin.ts'), ...args], {
    cwd: ROOT,
    // Compiled code is kept between starts: a test starts many.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'ordertwin-test-compiled'), ...inherited, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export interface Ran {
  readonly exitCode: number | null
  readonly out: string
  readonly error: string
}

/** One command to its end. */
export async function ordertwin(args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> {
  const child = started(args, environment)
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { exitCode: await ended, out, error }
}

export interface ServerProcess {
  readonly url: string
  readonly pid: number
  /** kill -9; resolves when the process is gone. */
  kill(): Promise<void>
  /** As Ctrl-C does; gives the exit code. */
  stop(): Promise<number | null>
  /** As a service manager does. */
  terminate(): Promise<number | null>
}

/** `wrapper` is a command that runs it. Resolves once it serves; rejects with what it said when it ends before that. */
export async function serverProcess(
  config: string,
  flags: readonly string[] = [],
  wrapper: readonly string[] = [],
): Promise<ServerProcess> {
  const child = started(['serve', '--config', config, ...flags], {}, wrapper)
  const ended = new Promise<number | null>(resolve => child.on('exit', resolve))
  const error = text(child.stderr)
  const url = await servedUrl(child)
  if (url === undefined) throw new Error(`the server ended with exit code ${await ended}: ${await error}`)
  const signalled = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  return {
    url,
    pid: child.pid ?? 0,
    kill: async () => void (await signalled('SIGKILL')),
    stop: () => signalled('SIGINT'),
    terminate: () => signalled('SIGTERM'),
  }
}

/** The URL it prints; undefined when it ends without one. What it prints later is read and dropped. */
function servedUrl(child: Child): Promise<string | undefined> {
  return new Promise(resolve => {
    createInterface({ input: child.stdout })
      .on('line', line => {
        const url = /(http:\/\/\S+)\/v1\/events/.exec(line)?.[1]
        if (url !== undefined) resolve(url)
      })
      .on('close', () => resolve(undefined))
  })
}
