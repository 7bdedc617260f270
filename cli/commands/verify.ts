// `ordertwin verify`: reads the whole store and says whether it is what was written, and where it first is not.
import { defineCommand } from 'citty'
import { parsePosition } from '../../engine/answers.ts'
import type { KeptHead } from '../../engine/journal/kept-head.ts'
import { readDataFolder } from '../config.ts'
import { Refused, WrongUsage } from '../exit.ts'
import { verifyStore } from '../verify-store.ts'

export const verify = defineCommand({
  meta: { name: 'verify', description: 'Check the whole store: hash chain, positions, replayed state' },
  args: {
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    data: { type: 'string', description: "The store's folder", valueHint: 'DIR' },
    head: {
      type: 'string',
      description: 'A head kept elsewhere, as /v1/head gave it: the store must go on from there',
      valueHint: 'POSITION:HASH',
    },
  },
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    const verdict = await verifyStore(data, { keptHead: args.head === undefined ? undefined : keptHeadOf(args.head) })
    if ('problem' in verdict) throw new Refused(verdict.problem)
    console.log(verdict.report)
  },
})

function keptHeadOf(text: string): KeptHead {
  const [, positionText = '', hash = ''] = /^([0-9a-z]{11}):([0-9a-f]{64})$/.exec(text) ?? []
  const position = parsePosition(positionText)
  if (position === undefined || hash === '')
    throw new WrongUsage('--head takes position and hash as /v1/head gives them: POSITION:HASH')
  return { position, hash }
}
