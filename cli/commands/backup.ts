// `ordertwin backup DIR` and `ordertwin restore DIR`: the journal is all there is to keep; the rest is rebuilt from it.
import { existsSync, readdirSync } from 'node:fs'
import { defineCommand } from 'citty'
import { copyJournal } from '../../engine/journal/copy.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import { readDataFolder } from '../config.ts'
import { Refused } from '../exit.ts'
import { journalFolder } from '../store.ts'

const shared = {
  directory: { type: 'positional', required: true, description: "The backup's folder", valueHint: 'DIR' },
  config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  data: { type: 'string', description: "The store's folder", valueHint: 'DIR' },
} as const

export const backup = defineCommand({
  meta: { name: 'backup', description: 'Copy a store, consistent while it is being served' },
  args: shared,
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    if (!isEmpty(args.directory)) throw new Refused(`${args.directory} is not empty`)
    const copy = await copyJournal({ source: journalFolder(data), target: journalFolder(args.directory) })
    console.log(`backup of store ${copy.storeId} up to position ${copy.position}, head ${copy.hash}`)
  },
})

export const restore = defineCommand({
  meta: { name: 'restore', description: 'Make a store from a backup; then serve it once with --adopt' },
  args: shared,
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    if (!isEmpty(data)) throw new Refused(`${data} is not empty: restore makes a new store and overwrites nothing`)
    const verdict = await verifyJournal(journalFolder(args.directory))
    if (verdict.kind !== 'whole') {
      const what =
        verdict.kind === 'empty' ? 'there is no backup' : `damaged at position ${verdict.position}: ${verdict.message}`
      throw new Refused(`${args.directory}: ${what}`)
    }
    const copy = await copyJournal({ source: journalFolder(args.directory), target: journalFolder(data) })
    console.log(`restored up to position ${copy.position}, head ${copy.hash}\nserve it once with --adopt: it is a copy`)
  },
})

const isEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0
