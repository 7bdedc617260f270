// node test/campaigns/flips.ts [--flips N] [--seed N]: bits turned over in a journal's files; verify must find and name each.
import { parseArgs } from 'node:util'
import { flipBits } from '../reliability/flips.ts'

const { values } = parseArgs({
  options: { flips: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' } },
})
console.table(await flipBits(Number(values.seed), Number(values.flips)))
console.log(`${values.flips} flipped bits, seed ${values.seed}: each found, its file named`)
