// `ordertwin config`: what is in force.
import { defineCommand } from 'citty'
import { printedConfig, readConfig } from '../config.ts'

export const config = defineCommand({
  meta: { name: 'config', description: 'Print the configuration in force, secrets masked' },
  args: {
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    console.log(printedConfig(await readConfig(args.config, process.env)))
  },
})
