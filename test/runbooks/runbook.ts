// Runbook: the shell blocks of a page, executed line by line as a person would: `serve` runs on in the background and its
// address becomes $URL; `kill -TERM "$SERVER"` ends it as a service manager does; everything else is a command to its end.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { type ServerProcess, serverProcess } from '../helpers/server-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// What `npm run ordertwin --` does, without npm.
const PRELUDE = `npm() { shift 3; "${process.execPath}" "${ROOT}/cli/ordertwin.ts" "$@"; }; set -e\n`

export interface Step {
  readonly command: string
  readonly exitCode: number | null
  readonly out: string
  readonly error: string
}

/** The commands of the blocks of `page`, in order. */
export function commandsOf(page: string): readonly string[] {
  const content = readFileSync(new URL(`../../docs/runbooks/${page}`, import.meta.url), 'utf8')
  const blocks = [...content.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(each => each[1] as string)
  return blocks.flatMap(block => block.split('\n').filter(line => line.trim() !== ''))
}

export class Operator {
  readonly steps: Step[] = []
  private server: ServerProcess | undefined
  private readonly variables: Record<string, string>

  /** `variables` are what the page's names stand for. */
  constructor(variables: Record<string, string>) {
    this.variables = variables
    onTestFinished(() => this.server?.kill())
  }

  get url(): string {
    return this.server?.url ?? ''
  }

  /** Starts a server as it ran before anything went wrong. */
  async serving(config: string, flags: readonly string[] = []): Promise<void> {
    this.server = await serverProcess(config, flags)
  }

  async stop(): Promise<void> {
    await this.server?.terminate()
  }

  /** kill -9. */
  async die(): Promise<void> {
    await this.server?.kill()
  }

  /** Works through `page`; `before` may do what happens outside of the page, before a command. Rejects where one fails. */
  async follow(
    page: string,
    before: (command: string, index: number) => Promise<void> | void = () => undefined,
  ): Promise<void> {
    for (const [index, command] of commandsOf(page).entries()) {
      await before(command, index)
      const step = await this.step(command)
      this.steps.push(step)
      if (step.exitCode !== 0) throw new Error(`${page}: ${command}\n${step.out}${step.error}`)
    }
  }

  /** What the steps whose command has `part` printed. */
  said(part: string): string {
    const steps = this.steps.filter(step => step.command.includes(part))
    return steps.map(step => step.out + step.error).join('')
  }

  private async step(command: string): Promise<Step> {
    const served = /^npm run ordertwin -- serve --config "\$(\w+)"( --adopt)?(?: \|\| echo "(.*)")?$/.exec(command)
    if (served !== null) return this.serve(command, served)
    if (/^kill -TERM "\$SERVER"$/.test(command))
      return { command, exitCode: (await this.server?.terminate()) ?? null, out: '', error: '' }
    return this.shell(command)
  }

  private async serve(command: string, [, name = '', adopt, otherwise]: RegExpExecArray): Promise<Step> {
    try {
      await this.serving(this.variables[name] ?? '', adopt === undefined ? [] : ['--adopt'])
      return { command, exitCode: 0, out: this.url, error: '' }
    } catch (error) {
      const said = String(error)
      return { command, exitCode: otherwise === undefined ? 1 : 0, out: otherwise ?? '', error: said }
    }
  }

  private async shell(command: string): Promise<Step> {
    const { ORDERTWIN_DATA: _data, ORDERTWIN_PORT: _port, ...inherited } = process.env
    const environment = { ...inherited, ...this.variables, URL: this.url }
    const child = spawn('bash', ['-c', PRELUDE + command], {
      cwd: ROOT,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended = new Promise<number | null>(resolve => child.on('close', resolve))
    const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { command, exitCode: await ended, out, error }
  }
}
