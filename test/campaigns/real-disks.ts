// node test/campaigns/real-disks.ts [--cuts N] [--calls N] [--full N] [--seed N]: power cuts, failed system calls and full disks.
// Needs root, loop devices and strace; what it lacks is said and left out. Exit 1 at the first loss.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { failedCalls, fullDisks, powerCuts } from '../reliability/disk-runs.ts'
import { whyNoInjection, whyNoMounts } from '../reliability/real-disk.ts'

const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '200' },
    calls: { type: 'string', default: '20' },
    full: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(values.seed)
const folder = mkdtempSync(join(tmpdir(), 'ordertwin-disks-'))
const onRound = (line: string) => console.log(line)
try {
  const noMounts = whyNoMounts(folder)
  if (noMounts !== undefined) console.log(`left out: power cuts and full disks: ${noMounts}`)
  else {
    const kept = await powerCuts({ folder, seed, rounds: Number(values.cuts), onRound })
    console.log(`${values.cuts} power cuts, ${kept} acknowledged: 0 lost`)
    await fullDisks({ folder, seed, rounds: Number(values.full), onRound })
    console.log(`${values.full} full disks: 0 lost`)
  }
  const noInjection = whyNoInjection()
  if (noInjection !== undefined) console.log(`left out: failed system calls: ${noInjection}`)
  else
    for (const call of ['fdatasync', 'pwrite64'] as const) {
      const kept = await failedCalls({ folder, seed, rounds: Number(values.calls), onRound }, call)
      console.log(`${call} failed at ${values.calls} moments, ${kept} acknowledged: 0 lost`)
    }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
