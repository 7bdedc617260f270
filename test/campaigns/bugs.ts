// node test/campaigns/bugs.ts [--only NAME] [--seeds N] [--seed N]: every deliberate bug, hunted by the simulation.
// Exit 1 when one is not found within that many seeds.
import { parseArgs } from 'node:util'
import { hunt, readBugs } from '../simulation/bugs.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seeds: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
})
let missed = 0
for (const bug of readBugs()) {
  if (values.only !== undefined && bug.name !== values.only) continue
  const { found, seeds } = await hunt(bug, Number(values.seeds), Number(values.seed))
  if (found === undefined) missed++
  console.log(
    `${bug.name.padEnd(28)} ${found === undefined ? `NOT FOUND in ${seeds} seeds` : `seed ${seeds}: ${found.slice(0, 120)}`}`,
  )
}
process.exitCode = missed === 0 ? 0 : 1
