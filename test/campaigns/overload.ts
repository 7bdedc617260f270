// node test/campaigns/overload.ts [--seconds N] [--times N] [--data FOLDER]: a server at the most it takes, then at ten times as much.
// Prints what is taken and how long it takes, for the partner that overdoes it and for one that does not. Exit 1 when an
// acknowledged event is lost, or a figure of the goal is missed: on a busy machine run it again before you believe that.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { overload } from '../reliability/overload-run.ts'

const GOODPUT_SHARE_MIN = 0.8
const P99_MS_MAX = 1_000
const QUIET_FACTOR_MAX = 2

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    times: { type: 'string', default: '10' },
    data: { type: 'string', default: 'bench/stores' },
  },
})
mkdirSync(values.data, { recursive: true })
const folder = mkdtempSync(join(resolve(values.data), 'overload-'))
const [peak, over] = await overload({ folder, seconds: Number(values.seconds), times: Number(values.times) })
rmSync(folder, { recursive: true })

const whole = (value: number) => Math.round(value)
const row = ({ accepted, offered, p50Ms, p99Ms, quiet, seconds, shed }: typeof peak) => ({
  'offered/s': whole(offered / seconds),
  'accepted/s': whole(accepted / seconds),
  'shed/s': whole(shed / seconds),
  'p50 ms': whole(p50Ms),
  'p99 ms': whole(p99Ms),
  'quiet accepted': quiet.accepted,
  'quiet shed': quiet.shed,
  'quiet p50 ms': whole(quiet.p50Ms),
  'quiet p99 ms': whole(quiet.p99Ms),
})
console.table({ peak: row(peak), over: row(over) })
const goodputShare = over.accepted / over.seconds / (peak.accepted / peak.seconds)
const quietFactor = over.quiet.p99Ms / peak.quiet.p99Ms
console.log(
  `offered ${(over.offered / over.seconds / (peak.accepted / peak.seconds)).toFixed(1)} times the peak: ${(goodputShare * 100).toFixed(0)} % of it taken, ` +
    `p99 ${whole(over.p99Ms)} ms; the quiet source's p99 ${quietFactor.toFixed(1)} times that at peak; nothing acknowledged is lost`,
)
const isMet = goodputShare >= GOODPUT_SHARE_MIN && over.p99Ms <= P99_MS_MAX && quietFactor <= QUIET_FACTOR_MAX
console.log(isMet ? 'the goal is met' : 'the goal is missed')
process.exitCode = isMet ? 0 : 1
