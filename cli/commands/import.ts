// `ordertwin import`: events from files, into a running server or straight into the store.
import { defineCommand } from 'citty'
import { ocelSources } from '../../connectors/ocel/partners.ts'
import { environmentConfig, parseConfig, readConfig } from '../config.ts'
import { WrongUsage } from '../exit.ts'
import { importFiles } from '../import.ts'
import { stopSignal } from '../serving.ts'
import { openTwin, systemClock } from '../store.ts'

export const importCommand = defineCommand({
  meta: { name: 'import', description: 'Import OCEL 2.0 JSON or CloudEvents NDJSON files' },
  args: {
    files: { type: 'positional', required: true, description: 'Files, .gz too', valueHint: 'FILE…' },
    url: { type: 'string', description: 'A running server; without it the store itself is opened', valueHint: 'URL' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    ocel: {
      type: 'boolean',
      default: false,
      description: 'Use the sources of the public order log; no configuration file',
    },
    'dry-run': { type: 'boolean', default: false, description: 'Judge everything, write nothing' },
  },
  async run({ args }) {
    const files = args._
    if (files.length === 0) throw new WrongUsage('name at least one file')
    const options = { files, dryRun: args['dry-run'], out: process.stdout, signal: stopSignal(process) }
    if (args.url !== undefined) {
      process.exitCode = (await importFiles({ ...options, url: args.url })).exitCode
      return
    }
    const config = args.ocel
      ? parseConfig({ ...environmentConfig(process.env), sources: ocelSources })
      : await readConfig(args.config, process.env)
    const twin = await openTwin({ ...config, clock: systemClock, onTrouble: trouble => console.error(trouble) })
    try {
      process.exitCode = (await importFiles({ ...options, twin })).exitCode
    } finally {
      await twin.close()
    }
  },
})
