// `ordertwin serve`: the server alone, on its store.
import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { aborted, closeInTime, serve as startServing, stopSignal, urls } from '../serving.ts'
import { openTwin, systemClock } from '../store.ts'

export const serve = defineCommand({
  meta: { name: 'serve', description: 'Serve a store over HTTP and GraphQL' },
  args: {
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    adopt: { type: 'boolean', default: false, description: 'Take over a folder that was copied' },
    lostKeys: {
      type: 'boolean',
      default: false,
      description: 'Go on where keys are lost: what they seal stays unreadable',
    },
  },
  async run({ args }) {
    const config = await readConfig(args.config, process.env)
    const signal = stopSignal(process)
    const onTrouble = (trouble: string) => console.error(trouble)
    const twin = await openTwin({
      ...config,
      clock: systemClock,
      adopt: args.adopt,
      lostKeys: args.lostKeys,
      onTrouble,
    })
    const { server, close } = await startServing(twin, config)
    console.log(`Ordertwin is up, its store in ${config.data}\n${urls(server.url)}`)
    await aborted(signal)
    await closeInTime(close, process)
  },
})
