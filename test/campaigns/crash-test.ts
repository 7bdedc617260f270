// node test/campaigns/crash-test.ts [--cycles N] [--seed S] [--data FOLDER]: kill -9 under load, as often as you like.
// Exit 1 at the first event that was acknowledged and is lost, or is there twice; the store is left for you to look at.
// Interrupted, the same command goes on where it was.
import { rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type CrashReport, crashRun } from '../crash/crash-run.ts'
import { Progress } from './progress.ts'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
const folder = join(resolve(values.data), `crash-seed-${values.seed}`)
await mkdir(folder, { recursive: true })
const progress = new Progress<CrashReport>(values.data, `crash-seed-${values.seed}`)
const report = await crashRun({
  folder,
  seed: Number(values.seed),
  cycles: Number(values.cycles),
  since: progress.read(),
  onCycle(soFar, line) {
    progress.write(soFar)
    console.log(line)
  },
})
progress.over()
rmSync(folder, { recursive: true })
console.log(`${report.cycles} kills, ${report.acknowledged} acknowledged, ${report.stores} stores: 0 lost, 0 twice`)
