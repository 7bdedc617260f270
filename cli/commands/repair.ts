// `ordertwin repair DIR`: what a damaged store still holds, into a new folder, and the list of what it does not.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { isoTime } from '../../machines/time.ts'
import { readDataFolder } from '../config.ts'
import { Refused } from '../exit.ts'
import { repairStore } from '../repair.ts'

export const repair = defineCommand({
  meta: { name: 'repair', description: 'Salvage a damaged store into a new folder, and list what is missing' },
  args: {
    directory: { type: 'positional', required: true, description: 'The new folder', valueHint: 'DIR' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    data: { type: 'string', description: "The damaged store's folder", valueHint: 'DIR' },
  },
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    const { directory } = args
    if (existsSync(directory) && readdirSync(directory).length > 0) throw new Refused(`${directory} is not empty`)
    const report = await repairStore(data, directory)
    const lines = [`whole up to position ${report.wholeUpTo}: ${join(directory, 'store')}`]
    for (const { afterMs, beforeMs, files, from, to } of report.missing)
      lines.push(`missing: positions ${from} to ${to} (${files.join(', ')}), ${between(afterMs, beforeMs)}`)
    if (report.laterEvents > 0) lines.push(`said after that: ${report.laterEvents} events in ${report.later}`)
    if (report.missing.length === 0) lines.push('nothing is missing')
    lines.push(`serve it once with --adopt, then: ordertwin import ${report.later}`)
    console.log(lines.join('\n'))
  },
})

function between(afterMs: number, beforeMs: number): string {
  const from = afterMs === 0 ? '' : ` from ${isoTime(afterMs)}`
  return `recorded${from}${beforeMs === 0 ? ' on' : ` to ${isoTime(beforeMs)}`}`
}
