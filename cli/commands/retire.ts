// `ordertwin retire --closed-for DAYS`: orders that ended long ago leave the store; what is kept of them says so (decision 0018).
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { defineCommand } from 'citty'
import { parsePosition } from '../../engine/answers.ts'
import { policiesWith } from '../../engine/deadlines/policies.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { chosen } from '../../engine/retiring/choosing.ts'
import type { Finished } from '../../engine/retiring/finishing.ts'
import type { Chosen } from '../../engine/retiring/retirement.ts'
import { retire as retireAll } from '../../engine/retiring/retiring.ts'
import { type Config, readConfig } from '../config.ts'
import { Refused, WrongUsage } from '../exit.ts'
import { journalFolder, keysOf, openTwin, retiringIn, systemClock } from '../store.ts'

export const retire = defineCommand({
  meta: { name: 'retire', description: 'Retire orders that ended long ago: numbers, event ids and the end are kept' },
  args: {
    'closed-for': {
      type: 'string',
      required: true,
      description: 'Nothing was recorded of the order for so many days',
      valueHint: 'DAYS',
    },
    'dry-run': { type: 'boolean', default: false, description: 'Say which orders, and change nothing' },
    by: { type: 'string', description: 'Who has it done (default: the user of this machine)', valueHint: 'NAME' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    const closedForDays = daysOf(args['closed-for'])
    const config = await readConfig(args.config, process.env)
    const { families, position } = await choice(config, closedForDays)
    if (args['dry-run']) return console.log(planned(families))
    if (families.length === 0) return console.log('no order is to be retired')
    const policy = { closedForDays, by: args.by ?? userInfo().username }
    console.log(done(families, await retired(config, { families, policy, position })))
  },
})

interface Retiring {
  readonly families: readonly Chosen[]
  readonly policy: { readonly closedForDays: number; readonly by: string }
  /** Where the journal ended when they were chosen. */
  readonly position: number
}

async function choice(config: Config, closedForDays: number): Promise<Pick<Retiring, 'families' | 'position'>> {
  const twin = await openTwin({ ...config, clock: systemClock, onTrouble: trouble => console.error(trouble) })
  try {
    const families: Chosen[] = []
    const policies = policiesWith(config.policies)
    for await (const each of chosen(twin, { closedForDays, policies, nowMs: systemClock.nowMs })) families.push(each)
    return { families, position: parsePosition(twin.head().position) ?? 0 }
  } finally {
    await twin.close()
  }
}

async function retired({ data }: Config, { families, policy, position }: Retiring): Promise<Finished> {
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
  try {
    const head = journal.head()
    if (head.position !== position) throw new Refused('the store was changed meanwhile: nothing was retired, try again')
    const keys = await keysOf(data, journal)
    const nowMs = Math.max(systemClock.nowMs, head.recordedMs)
    try {
      return await retireAll(families, { ...retiringIn(data), journal, keys, nowMs, policy })
    } finally {
      await keys.close()
    }
  } finally {
    await journal.close()
  }
}

const entriesOf = (families: readonly Chosen[]): number =>
  families.reduce((sum, { entries }) => sum + entries.length, 0)

function planned(families: readonly Chosen[]): string {
  const orders = families.map(({ entries, family }) => `${family.id}  ${entries.length} entries`)
  return [...orders, `${families.length} orders with ${entriesOf(families)} entries would be retired`].join('\n')
}

function done(families: readonly Chosen[], { rewritings }: Finished): string {
  const before = rewritings.reduce((sum, { bytesBefore }) => sum + bytesBefore, 0)
  const after = rewritings.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)
  return [
    `${families.length} orders with ${entriesOf(families)} entries are retired`,
    `${rewritings.length} segments were written anew: ${after} bytes, ${before} before`,
  ].join('\n')
}

function daysOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new WrongUsage('--closed-for takes a number of days')
}
