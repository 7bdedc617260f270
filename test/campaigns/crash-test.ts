// node test/campaigns/crash-test.ts [--cycles N] [--seed S] [--data FOLDER]: kill -9 under load, as often as you like.
// Exit 1 at the first event that was acknowledged and is lost, or is there twice; the store is left for you to look at.
// Interrupted, the same command goes on where it was.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CrashReport, crashRun } from '../crash/crash-run.ts'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const folder = join(resolve(values.data), `crash-seed-${values.seed}`)
const state = join(folder, 'run.json')
await mkdir(folder, { recursive: true })
const since = existsSync(state) ? (JSON.parse(readFileSync(state, 'utf8')) as CrashReport) : undefined
if (since !== undefined) console.log(`going on after cycle ${since.cycles}`)

const report = await crashRun({
  folder,
  seed: Number(values.seed),
  cycles: Number(values.cycles),
  since,
  onCycle(soFar, line) {
    writeFileSync(state, JSON.stringify(soFar))
    console.log(line)
  },
})
rmSync(folder, { recursive: true })
console.log(`${report.cycles} kills, ${report.acknowledged} acknowledged, ${report.stores} stores: 0 lost, 0 twice`)
