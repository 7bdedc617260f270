// Regressions: runs that once failed, kept as files and replayed for ever.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Failure, faultsOf } from './shrink.ts'
import type { RunOptions } from './world.ts'

export const REGRESSIONS = fileURLToPath(new URL('./regressions', import.meta.url))

export interface Regression extends RunOptions {
  /** What was wrong. */
  readonly title: string
  readonly checker: string
  /** Why it still fails; absent once it is mended. */
  readonly expectedToFail?: string
  /** Part of its message: a campaign goes on after failures that say so, as long as this one is not mended. */
  readonly signature?: string
}

export function saveRegression({ checker, message, options }: Failure): string {
  mkdirSync(REGRESSIONS, { recursive: true })
  const file = join(REGRESSIONS, `seed-${options.seed}.json`)
  const regression: Regression = { title: message.slice(0, 400), checker, ...options }
  writeFileSync(file, `${JSON.stringify(regression, null, 2)}\n`)
  return file
}

export function readRegressions(): readonly (Regression & { readonly file: string })[] {
  const names = readdirSync(REGRESSIONS).filter(name => name.endsWith('.json'))
  return names.sort().map(file => ({ file, ...JSON.parse(readFileSync(join(REGRESSIONS, file), 'utf8')) }))
}

/** Whether it is a failure that is known and not mended yet. */
export const isKnown = ({ message }: Failure): boolean =>
  readRegressions().some(
    ({ expectedToFail, signature }) =>
      expectedToFail !== undefined && signature !== undefined && message.includes(signature),
  )

export const printed = ({ checker, message, options }: Failure): string =>
  [
    `seed ${options.seed}: ${checker}`,
    `  ${message}`,
    `  with ${faultsOf(options).join(', ') || 'no fault'}; ${options.keep?.length ?? 'all'} messages`,
  ].join('\n')
