// node test/campaigns/tamper.ts [--rounds N] [--seed N]: histories forged with every hash in order, against a head kept elsewhere.
// Exit 1 at the first that is not found. A thousand take seconds, so there is nothing to go on with.
import { parseArgs } from 'node:util'
import { tamper } from '../reliability/tamper.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
})
console.table(await tamper(Number(values.seed), Number(values.rounds)))
console.log(`${values.rounds} forged histories, seed ${values.seed}: each found`)
