// `ordertwin verify`: reads the whole store and says whether it is what was written, and where it first is not.
import { defineCommand } from 'citty'
import { readDataFolder } from '../config.ts'
import { Refused } from '../exit.ts'
import { verifyStore } from '../verify-store.ts'

export const verify = defineCommand({
  meta: { name: 'verify', description: 'Check the whole store: hash chain, positions, replayed state' },
  args: {
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    data: { type: 'string', description: "The store's folder", valueHint: 'DIR' },
  },
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    const verdict = await verifyStore(data)
    if ('problem' in verdict) throw new Refused(verdict.problem)
    console.log(verdict.report)
  },
})
