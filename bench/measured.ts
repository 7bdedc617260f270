// The reports that BENCHMARKS.md is made of: the last of each scenario, size and manner.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Report } from './report.ts'

export const MEASURED = join(import.meta.dirname, 'measured')

// What a report tells of itself otherwise, or what changes nothing of what was measured.
const UNNAMED = /^npm run bench -- \S+| --orders \d+| --seed 1(?!\d)| --keep/g

/** A day of another length, a run without peers or of another seed stands beside the usual one, not in its place. */
export function nameOf({ command, results, scenario }: Report): string {
  const manner = command.replace(UNNAMED, '').replaceAll(/[ -]+/g, '-')
  return `${scenario}-${results.orders ?? 'any'}${manner}.json`
}

/** The oldest first. */
export async function measured(): Promise<readonly Report[]> {
  const names = (await readdir(MEASURED)).filter(name => name.endsWith('.json')).sort()
  const reports = await Promise.all(
    names.map(async name => JSON.parse(await readFile(join(MEASURED, name), 'utf8')) as Report),
  )
  return reports.sort((a, b) => (a.code.measuredAt < b.code.measuredAt ? -1 : 1))
}
