// Which code this is, where git can tell.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
// What is measured changes these, and they change nothing of what is measured.
const NOT_MEASURED = [':!bench/measured', ':!bench/BENCHMARKS.md']
const ABBREVIATED = 7

/** Which code was measured, and when: figures of one table may be of several days. */
export interface Code {
  /** Abbreviated; where files differed from it, a plus and a digest of how. Undefined where git cannot tell. */
  readonly commit: string | undefined
  /** Day and minute, UTC. */
  readonly measuredAt: string
}

export const codeNow = (): Code => ({ commit: codeName(), measuredAt: new Date().toISOString().slice(0, 16) })

/** As people read it. */
export const codeText = ({ commit, measuredAt }: Code): string =>
  `${commit?.replace(/\+.*/, '+') ?? 'no commit'}, ${measuredAt.replace('T', ' ')}`

/** The full name of the commit that is checked out; undefined where there is no git or no repository. */
export function commitName(): string | undefined {
  const name = git('rev-parse', 'HEAD')?.trim() ?? ''
  return /^[0-9a-f]{40,}$/.test(name) ? name : undefined
}

function codeName(): string | undefined {
  const commit = commitName()?.slice(0, ABBREVIATED)
  const changes = git('diff', 'HEAD', '--', '.', ...NOT_MEASURED) ?? ''
  if (commit === undefined || changes === '') return commit
  return `${commit}+${createHash('sha256').update(changes).digest('hex').slice(0, ABBREVIATED)}`
}

function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 28 })
  return status === 0 ? stdout : undefined
}
