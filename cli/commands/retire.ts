// `ordertwin retire --closed-for DAYS`: orders that ended long ago leave the store; what is kept of them says so (decision 0018).
import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { defineCommand } from 'citty'
import { parsePosition } from '../../engine/answers.ts'
import { policiesWith } from '../../engine/deadlines/policies.ts'
import { type JournalEntry, retirementIn } from '../../engine/entry.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { chosen } from '../../engine/retiring/choosing.ts'
import type { Finished } from '../../engine/retiring/finishing.ts'
import { type Policy, retirementOf } from '../../engine/retiring/retirement.ts'
import { retire as retireAll } from '../../engine/retiring/retiring.ts'
import { type Config, readConfig } from '../config.ts'
import { Refused, WrongUsage } from '../exit.ts'
import { journalFolder, keysOf, openExisting, retiringIn, systemClock } from '../store.ts'

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
    const choice = await choose(config, { closedForDays, by: args.by ?? userInfo().username })
    if (args['dry-run']) return console.log(planned(choice))
    if (choice.drafts.length === 0) return console.log('no order is to be retired')
    console.log(done(choice, await retired(config, choice)))
  },
})

// 100,000: what is kept of each until it is written takes a kilobyte.
const ORDERS_AT_ONCE = 100_000

interface Choice {
  /** The entries that retire them. */
  readonly drafts: readonly JournalEntry[]
  /** Whether there are others. */
  readonly hasMore: boolean
  /** Where the journal ended when they were chosen. */
  readonly position: number
}

async function choose(config: Config, policy: Policy): Promise<Choice> {
  const twin = await openExisting(config)
  try {
    const { closedForDays } = policy
    const { nowMs } = systemClock
    const drafts: JournalEntry[] = []
    const policies = policiesWith(config.policies)
    const position = parsePosition(twin.head().position) ?? 0
    for await (const each of chosen(twin, { closedForDays, policies, nowMs })) {
      if (drafts.length === ORDERS_AT_ONCE) return { drafts, hasMore: true, position }
      drafts.push(retirementOf(each, { ...policy, nowMs }))
    }
    return { drafts, hasMore: false, position }
  } finally {
    await twin.close()
  }
}

async function retired({ data }: Config, { drafts, position }: Choice): Promise<Finished> {
  const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
  try {
    const head = journal.head()
    if (head.position !== position) throw new Refused('the store was changed meanwhile: nothing was retired, try again')
    const keys = await keysOf(data, journal)
    const nowMs = Math.max(systemClock.nowMs, head.recordedMs)
    try {
      return await retireAll(drafts, { ...retiringIn(data), journal, keys, nowMs })
    } finally {
      await keys.close()
    }
  } finally {
    await journal.close()
  }
}

const entriesIn = (draft: JournalEntry): number => retirementIn(draft)?.entries ?? 0
const more = ({ hasMore }: Choice): readonly string[] => (hasMore ? ['there are more: run it again'] : [])

function counted({ drafts }: Choice): string {
  const entries = drafts.reduce((sum, draft) => sum + entriesIn(draft), 0)
  return `${drafts.length} orders with ${entries} entries`
}

function planned(choice: Choice): string {
  const orders = choice.drafts.map(draft => `${draft.family}  ${entriesIn(draft)} entries`)
  return [...orders, `${counted(choice)} would be retired`, ...more(choice)].join('\n')
}

function done(choice: Choice, { rewritings }: Finished): string {
  const before = rewritings.reduce((sum, { bytesBefore }) => sum + bytesBefore, 0)
  const after = rewritings.reduce((sum, { bytesAfter }) => sum + bytesAfter, 0)
  return [
    `${counted(choice)} are retired`,
    `${rewritings.length} segments were written anew: ${after} bytes, ${before} before`,
    ...more(choice),
  ].join('\n')
}

function daysOf(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new WrongUsage('--closed-for takes a number of days')
}
