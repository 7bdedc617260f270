// Progress of long work: a bar on a terminal, a plain line every few seconds elsewhere (a log, a pipe).
import { Presets, SingleBar } from 'cli-progress'

/** Where the command line writes; `process.stdout` is one. */
export type Out = NodeJS.WritableStream & { readonly isTTY?: boolean }

export interface ProgressOptions {
  readonly out: Out
  /** What is being done, such as `replay`. */
  readonly label: string
  readonly total: number
  readonly nowMs: () => number
}

export interface Progress {
  /** `done` of the total; `detail` says in words what stands there now. */
  at(done: number, detail: string): void
  /** Removes the bar, or writes the last line. */
  end(): void
}

// Five seconds: a minute's replay leaves a dozen lines in a log.
const LINE_EVERY_MS = 5_000

export function startProgress(options: ProgressOptions): Progress {
  return options.out.isTTY ? startBar(options) : startLines(options)
}

function startBar({ out, label, total }: ProgressOptions): Progress {
  const format = `${label} {bar} {percentage} %  {detail}`
  const bar = new SingleBar({ stream: out, format, hideCursor: true, clearOnComplete: true }, Presets.shades_classic)
  bar.start(total, 0, { detail: '' })
  return { at: (done, detail) => bar.update(done, { detail }), end: () => bar.stop() }
}

function startLines({ out, label, total, nowMs }: ProgressOptions): Progress {
  let writtenMs = nowMs()
  let latest: string | undefined
  const write = () => {
    if (latest !== undefined) out.write(latest)
    latest = undefined
  }
  return {
    at(done, detail) {
      latest = `${label} ${percent(done, total)} %  ${detail}\n`
      if (nowMs() - writtenMs < LINE_EVERY_MS) return
      writtenMs = nowMs()
      write()
    },
    end: write,
  }
}

const percent = (done: number, total: number): number => (total === 0 ? 100 : Math.floor((100 * done) / total))
