// The reports that BENCHMARKS.md is made of: the last of each scenario and size.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Report } from './report.ts'

export const MEASURED = join(import.meta.dirname, 'measured')

export const nameOf = ({ results, scenario }: Report): string => `${scenario}-${results.orders ?? 'any'}.json`

/** By name, so that the page does not depend on who lists the folder. */
export async function measured(): Promise<readonly Report[]> {
  const names = (await readdir(MEASURED)).filter(name => name.endsWith('.json')).sort()
  return Promise.all(names.map(async name => JSON.parse(await readFile(join(MEASURED, name), 'utf8')) as Report))
}
