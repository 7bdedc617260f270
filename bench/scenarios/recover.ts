// recover: how long a store takes to open: after kill -9, as it was closed, without LevelDB's folder, and from the journal alone.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { familiesFolder, journalFolder, keysFolder } from '../../cli/store.ts'
import { apart } from '../clients/child.ts'
import type { Opened, Opening } from '../clients/opening.ts'
import type { Writing, Written } from '../clients/writing.ts'
import { begunFigures, begunFrom, begunNotes } from '../kept.ts'
import { Checks } from '../oracle.ts'
import type { Bar } from '../page/chart.ts'
import { rounded, shown } from '../report.ts'
import { stage } from '../stage.ts'
import { withFolder } from '../store.ts'
import { type Scenario, unverifiedNote, VERIFIED_ORDERS_MAX } from './scenario.ts'

// 70,000 orders are a little over a million events.
const ORDERS = 70_000
// The size the target is stated for: --orders 1000000.
const MILLION = 1_000_000

export const recover: Scenario = {
  about: 'restart to ready: after kill -9, as closed, without LevelDB, from the journal alone',
  orders: ORDERS,
  run(options) {
    const { orders } = options
    return withFolder(options.data, async data => {
      const checks = new Checks()
      const begun = await begunFrom(options, data)
      const { before, load } = begun
      const all = before + load.orders
      // Whoever writes is killed as soon as it has answered: nothing is closed, nothing saved.
      stage(`${shown(load.orders)} orders are written`)
      const written = await apart<Written>(WRITING, { data, load, orders: all } satisfies Writing)
      checks.check('all was written as expected', written.broken)
      const { hash } = written
      const bars: Bar[] = []
      // Of the first way of opening; the last one makes all of it from the journal.
      let asked: string | undefined
      const open = async (name: string) => {
        stage(`opening: ${name}`)
        const opened = await apart<Opened>(OPENING, { data, orders: all } satisfies Opening)
        checks.check(`${name}: head is the same`, opened.hash === hash ? undefined : `it is ${opened.hash}`)
        checks.check(`${name}: every order is as it was`, opened.broken)
        asked ??= opened.asked
        checks.check(
          `${name}: orders and all that was said of them are the same`,
          opened.asked === asked ? undefined : 'some are not',
        )
        bars.push({ name, value: opened.seconds })
        return opened
      }
      const killed = await open('after kill -9')
      const whole = await open('as closed')
      await rm(familiesFolder(data), { recursive: true })
      const noLevel = await open('without LevelDB')
      for (const name of await readdir(data))
        if (![journalFolder(data), keysFolder(data)].includes(join(data, name)))
          await rm(join(data, name), { recursive: true })
      const journalOnly = await open('journal and keys alone')
      if (orders <= VERIFIED_ORDERS_MAX) await checks.store(data)
      return {
        results: {
          orders,
          ...begunFigures(begun, written.events),
          recover_s: rounded(whole.seconds, 2),
          recover_s_killed: rounded(killed.seconds, 2),
          recover_s_1m_orders: orders === MILLION ? rounded(Math.max(whole.seconds, killed.seconds), 2) : undefined,
          recover_s_no_leveldb: rounded(noLevel.seconds, 2),
          recover_s_journal_only: rounded(journalOnly.seconds, 2),
          recover_rss_mb: rounded(journalOnly.rssMb),
        },
        ratios: {},
        oracle: checks.verdict(),
        notes: [...begunNotes(begun), ...unverifiedNote(orders)],
        charts: [{ title: 'Until it is open', unit: 'seconds', bars }],
      }
    })
  },
}

const WRITING = new URL('../clients/writing.ts', import.meta.url)
const OPENING = new URL('../clients/opening.ts', import.meta.url)
