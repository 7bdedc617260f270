// `ordertwin backup DIR` and `ordertwin restore DIR`: journal and keys are all there is to keep; the rest is rebuilt from them.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { parsePosition } from '../../engine/answers.ts'
import { copyJournal } from '../../engine/journal/copy.ts'
import { diskFiles } from '../../engine/journal/disk-files.ts'
import { lastCommit } from '../../engine/journal/salvage.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import { copyKeys } from '../../engine/sealing/key-files.ts'
import { instantMs } from '../../machines/time.ts'
import { readDataFolder } from '../config.ts'
import { ERASURES_NAME, readErasures, writeErasures } from '../erasures.ts'
import { Refused, WrongUsage } from '../exit.ts'
import { expectStore, journalFolder, keysFolder } from '../store.ts'

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
    expectStore(data)
    if (!isEmpty(args.directory)) throw new Refused(`${args.directory} is not empty`)
    const copy = await copyJournal({ source: journalFolder(data), target: journalFolder(args.directory) })
    // After the journal: every key its entries name is there.
    await copyKeys({ files: diskFiles, directory: keysFolder(data), storeId: copy.storeId }, keysFolder(args.directory))
    console.log(`backup of store ${copy.storeId} up to position ${copy.position}, head ${copy.hash}`)
  },
})

export const restore = defineCommand({
  meta: { name: 'restore', description: 'Make a store from a backup; then serve it once with --adopt' },
  args: {
    ...shared,
    position: { type: 'string', description: 'Only up to this position', valueHint: 'POSITION' },
    until: { type: 'string', description: 'Only what was recorded up to this moment', valueHint: 'TIME' },
    erasures: {
      type: 'string',
      description: "What was erased (default ERASURES in the backup's folder)",
      valueHint: 'FILE',
    },
  },
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    if (!isEmpty(data)) throw new Refused(`${data} is not empty: restore makes a new store and overwrites nothing`)
    const verdict = await verifyJournal(journalFolder(args.directory))
    if (verdict.kind !== 'whole') {
      const what =
        verdict.kind === 'empty' ? 'there is no backup' : `damaged at position ${verdict.position}: ${verdict.message}`
      throw new Refused(`${args.directory}: ${what}`)
    }
    const source = journalFolder(args.directory)
    const position = await wantedPosition(source, args)
    const erased = await erasuresFor(args)
    const copy = await copyJournal({ source, target: journalFolder(data), head: position })
    await copyKeys({ files: diskFiles, directory: keysFolder(args.directory), storeId: copy.storeId }, keysFolder(data))
    await writeErasures(join(data, ERASURES_NAME), erased)
    console.log(`restored up to position ${copy.position}, head ${copy.hash}`)
    console.log(`${erased.length} erasures are done again when it is opened\nserve it once with --adopt: it is a copy`)
  },
})

/** What must be erased again; nothing is restored without a list that was asked for. */
async function erasuresFor({ directory, erasures }: { readonly directory: string; readonly erasures?: string }) {
  const beside = join(directory, ERASURES_NAME)
  if (erasures !== undefined) return readErasures(erasures)
  return existsSync(beside) ? readErasures(beside) : []
}

/** The end of the last commit up to the point that is asked for; undefined when all is wanted. */
async function wantedPosition(
  source: string,
  { position, until }: { readonly position?: string; readonly until?: string },
): Promise<{ readonly position: number } | undefined> {
  if (position === undefined && until === undefined) return undefined
  const upTo = position === undefined ? Number.MAX_SAFE_INTEGER : positionOf(position)
  const untilMs = until === undefined ? Number.MAX_SAFE_INTEGER : instantMs(until)
  if (upTo === undefined || untilMs === undefined)
    throw new WrongUsage('--position takes a position, --until a time with offset')
  const last = await lastCommit(diskFiles, source, { position: upTo, recordedMs: untilMs })
  if (last === 0) throw new Refused('nothing was recorded up to then')
  return { position: last }
}

/** As outcomes and cursors have it, or as a plain number. */
const positionOf = (text: string): number | undefined =>
  /^\d{1,10}$/.test(text) ? Number(text) : text.length === 11 ? parsePosition(text) : undefined

const isEmpty = (folder: string): boolean => !existsSync(folder) || readdirSync(folder).length === 0
