// Writes bench/BENCHMARKS.md: node bench/write-benchmarks.ts [FILE…]. Reports that `npm run bench -- … --report DIR` wrote take the place
// of those of the same scenario and size in bench/measured; the page tells of all that are there.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { benchmarksText } from './benchmarks-text.ts'
import { MEASURED, measured, nameOf } from './measured.ts'
import type { Report } from './report.ts'

for (const file of process.argv.slice(2)) {
  const report = JSON.parse(await readFile(file, 'utf8')) as Report
  await writeFile(join(MEASURED, nameOf(report)), `${JSON.stringify(report, undefined, 2)}\n`)
}
await writeFile(new URL('BENCHMARKS.md', import.meta.url), benchmarksText(await measured()))
