// recover: how long a store takes to open: as it was closed, without LevelDB's folder, and from the journal alone.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { familiesFolder, journalFolder } from '../../cli/store.ts'
import { apart } from '../clients/child.ts'
import type { Opened, Opening } from '../clients/opening.ts'
import { drive } from '../drive.ts'
import { loadOf } from '../load/load-of.ts'
import { Checks } from '../oracle.ts'
import { rounded } from '../report.ts'
import { openBenchTwin, withFolder } from '../store.ts'
import type { Scenario } from './scenario.ts'

// 70,000 orders are a little over a million events.
const ORDERS = 70_000

export const recover: Scenario = {
  about: 'restart to ready',
  run({ data: parent, orders = ORDERS, seed }) {
    return withFolder(parent, async data => {
      const checks = new Checks()
      const engine = await openBenchTwin(data)
      const driven = await drive(engine, loadOf(seed, orders))
      checks.outcomes(driven.answered, driven.expected)
      checks.ended(engine, orders)
      const { hash } = engine.head()
      await engine.close()
      const open = async (name: string) => {
        const opened = await apart<Opened>(OPENING, { data, orders } satisfies Opening)
        checks.check(`${name}: head is the same`, opened.hash === hash ? undefined : `it is ${opened.hash}`)
        checks.check(`${name}: every order is as it was`, opened.broken)
        return opened
      }
      const whole = await open('as closed')
      await rm(familiesFolder(data), { recursive: true })
      const noLevel = await open('without LevelDB')
      for (const name of await readdir(data))
        if (join(data, name) !== journalFolder(data)) await rm(join(data, name), { recursive: true })
      const journalOnly = await open('journal alone')
      await checks.store(data)
      return {
        results: {
          events: driven.events,
          orders,
          recover_s: rounded(whole.seconds, 2),
          recover_s_no_leveldb: rounded(noLevel.seconds, 2),
          recover_s_journal_only: rounded(journalOnly.seconds, 2),
          recover_rss_mb: rounded(journalOnly.rssMb),
        },
        ratios: {},
        oracle: checks.verdict(),
      }
    })
  },
}

const OPENING = new URL('../clients/opening.ts', import.meta.url)
