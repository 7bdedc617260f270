// A run of crash cycles over one store after another: each takes the whole public log, delivered late, out of order and
// partly twice, through many deaths of its server. After a kill the store is verified against the ledger, or the next
// server starts at once: both must find it whole.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { verifyStore } from '../../cli/verify-store.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { positionText } from '../../engine/answers.ts'
import type { EventInput } from '../../machines/event.ts'
import { deliveredLog, LOG_SOURCES } from '../helpers/public-log.ts'
import { configFile } from '../helpers/server-process.ts'
import { crashCycle } from './crash-cycle.ts'
import { Ledger } from './ledger.ts'

export interface CrashRun {
  /** Where stores are made; each is removed when it is through. */
  readonly folder: string
  readonly seed: number
  readonly cycles: number
  /** Where an earlier run stopped; it goes on from there with a new store. */
  readonly since?: CrashReport
  readonly onCycle?: (soFar: CrashReport, line: string) => void
}

export interface CrashReport {
  readonly cycles: number
  readonly acknowledged: number
  readonly stores: number
}

// Every order of the log.
const ORDERS_MAX = 2_000

/** Throws, naming seed and cycle, at the first thing that should not be. */
export async function crashRun({ cycles, folder, onCycle, seed, since }: CrashRun): Promise<CrashReport> {
  let { acknowledged, cycles: done, stores } = since ?? { acknowledged: 0, cycles: 0, stores: 0 }
  const random = seededRandom(seed + done)
  let store: CrashStore | undefined
  for (let cycle = done + 1; cycle <= cycles; cycle++) {
    const where = `seed ${seed}, cycle ${cycle}`
    try {
      store ??= await newStore(join(folder, `store-${++stores}`), seed + stores)
      const report = await crashCycle({ ...store, random })
      acknowledged += report.acknowledged
      store.events = report.left
      const isLast = cycle === cycles || report.left.length === 0
      // Verifying opens the store too: every other time the server is the first to see what the kill left.
      const verified =
        isLast || random.chance(0.5) ? await verify(store) : 'not verified: the next server opens it first'
      onCycle?.(
        { cycles: cycle, acknowledged, stores },
        `${where}: killed after ${report.acknowledged} acknowledgements; ${verified}`,
      )
      if (report.left.length > 0) continue
      await rm(store.folder, { recursive: true })
      store = undefined
    } catch (cause) {
      throw new Error(`${where}: ${String(cause)}; the store is in ${store?.folder}`, { cause })
    }
  }
  return { cycles, acknowledged, stores }
}

interface CrashStore {
  readonly folder: string
  readonly config: string
  readonly ledger: Ledger
  events: readonly EventInput[]
}

async function newStore(folder: string, seed: number): Promise<CrashStore> {
  await mkdir(folder, { recursive: true })
  const config = await configFile(folder, LOG_SOURCES)
  return { folder, config, ledger: new Ledger(), events: await deliveredLog({ orders: ORDERS_MAX, seed }) }
}

async function verify({ folder, ledger }: CrashStore): Promise<string> {
  const check = ledger.check(positionText)
  const verdict = await verifyStore(join(folder, 'store'), { onEntry: entry => check.entry(entry) })
  if ('problem' in verdict) throw new Error(verdict.problem)
  const flaws = check.flaws()
  if (flaws.length > 0) throw new Error(`${flaws.length} flaws: ${flaws.slice(0, 5).join('; ')}`)
  return `${ledger.acknowledged} acknowledged, all there once`
}
