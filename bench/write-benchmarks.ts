// Writes bench/BENCHMARKS.md: node bench/write-benchmarks.ts FILE…, each with one or more lines that `npm run bench -- … --json` printed.
import { readFile, writeFile } from 'node:fs/promises'
import { benchmarksText } from './benchmarks-text.ts'
import type { Report } from './report.ts'

const texts = await Promise.all(process.argv.slice(2).map(file => readFile(file, 'utf8')))
const reports = texts
  .flatMap(text => text.split('\n'))
  .filter(line => line.startsWith('{'))
  .map(line => JSON.parse(line) as Report)
await writeFile(new URL('BENCHMARKS.md', import.meta.url), benchmarksText(reports))
