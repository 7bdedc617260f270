// Runs on real disks: power cuts, failed syncs, full disks. Each returns what it did, and throws at the first loss.
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../../connectors/simulated/random.ts'
import type { EventInput } from '../../machines/event.ts'
import { Ledger } from '../crash/ledger.ts'
import { deliveredLog, LOG_SOURCES } from '../helpers/public-log.ts'
import { configFile, serverProcess } from '../helpers/server-process.ts'
import { copyImage, failingSync, imageDisk, memoryDisk, mountedImage } from './real-disk.ts'
import { flawsOf, send } from './sending.ts'

const events = (seed: number): Promise<readonly EventInput[]> => deliveredLog({ orders: 100, seed, duplicateShare: 0 })

function mustHold(flaws: readonly string[], where: string): void {
  if (flaws.length > 0) throw new Error(`${where}: ${flaws.slice(0, 5).join('; ')}`)
}

export interface DiskRun {
  readonly folder: string
  readonly seed: number
  readonly rounds: number
  readonly onRound?: (line: string) => void
}

/** One server all along; each round the power goes after a number of acknowledgements, in a copy of its disk. */
export async function powerCuts({ folder, onRound, rounds, seed }: DiskRun): Promise<number> {
  const random = seededRandom(seed)
  const [image, cut] = [join(folder, 'disk.img'), join(folder, 'cut.img')]
  // 64 MB of segment, once more while it is opened, and room for the rest.
  const disk = imageDisk(image, join(folder, 'disk'), 224)
  const ledger = new Ledger()
  let said = await events(seed)
  let acknowledged = 0
  try {
    const server = await serverProcess(await configFile(disk.folder, LOG_SOURCES))
    try {
      for (let round = 1; round <= rounds; round++) {
        const count = 1 + random.whole(25)
        const sent = await send(server.url, said, ledger, done => done >= count)
        said = said.slice(sent.acknowledged)
        acknowledged += sent.acknowledged
        process.kill(server.pid, 'SIGSTOP')
        copyImage(image, cut)
        process.kill(server.pid, 'SIGCONT')
        const copy = mountedImage(cut, join(folder, 'cut'))
        try {
          const where = `seed ${seed}, cut ${round}`
          mustHold(await flawsOf(join(copy.folder, 'store'), ledger), where)
          onRound?.(`${where}: ${acknowledged} acknowledged, all there`)
        } finally {
          copy.unmount()
        }
      }
    } finally {
      await server.kill()
    }
  } finally {
    disk.unmount()
  }
  return acknowledged
}

/** A system call, and the how manieth of a process is the first to fail: all after it fail too. */
export interface FailingCall {
  readonly call: 'fdatasync' | 'pwrite64'
  readonly count: number
}

/** Moments that opening has behind it, as it syncs once per megabyte of the segment, spread at random over the events after it. */
export const randomCalls = (seed: number, rounds: number): readonly FailingCall[] =>
  Array.from({ length: rounds }, (_, round) => ({
    call: round % 2 === 0 ? 'fdatasync' : 'pwrite64',
    count: 80 + seededRandom(seed + round).whole(120),
  }))

interface CallStore {
  readonly home: string
  readonly config: string
  readonly ledger: Ledger
  said: readonly EventInput[]
}

/**
 * One server after another on the same store; in each, calls fail from another moment on: nothing is acknowledged from then, it
 * is not ready at once, and when the store is opened again all that was acknowledged is there. Returns how much that was.
 */
export async function failedCalls(
  { folder, onRound, seed }: Omit<DiskRun, 'rounds'>,
  calls: readonly FailingCall[],
): Promise<number> {
  let acknowledged = 0
  let store: CallStore | undefined
  for (const { call, count } of calls) {
    const where = `seed ${seed}, ${call} ${count}`
    store ??= await callStore(await mkdtemp(join(folder, 'calls-')), seed + acknowledged)
    const sent = await failedCall(store, { call, count }, where)
    acknowledged += sent ?? 0
    mustHold(await flawsOf(join(store.home, 'store'), store.ledger), where)
    onRound?.(
      `${where}: ${sent === undefined ? 'did not open' : `refused with 503 after ${sent}`}; all acknowledged are there`,
    )
    if (store.said.length > SAID_MIN) continue
    rmSync(store.home, { recursive: true })
    store = undefined
  }
  if (store !== undefined) rmSync(store.home, { recursive: true })
  return acknowledged
}

// More than a server takes before the latest of all moments.
const SAID_MIN = 800

/** The store is made while all is well: its 64 MB of zeros are a hundred calls of their own. */
async function callStore(home: string, seed: number): Promise<CallStore> {
  const config = await configFile(home, LOG_SOURCES)
  await (await serverProcess(config)).stop()
  return { home, config, ledger: new Ledger(), said: await deliveredLog({ orders: 500, seed, duplicateShare: 0 }) }
}

/** How many were acknowledged; undefined when the store could not be opened that way. */
async function failedCall(store: CallStore, { call, count }: FailingCall, where: string): Promise<number | undefined> {
  const server = await serverProcess(store.config, [], failingSync(call, count)).catch((error: Error) => error)
  if (server instanceof Error) return undefined
  try {
    const sent = await send(server.url, store.said, store.ledger)
    store.said = store.said.slice(sent.acknowledged)
    if (sent.refusal?.outcome.outcome !== 'journal_unavailable') throw new Error(`${where}: ${JSON.stringify(sent)}`)
    if (sent.refusal.status !== 503) throw new Error(`${where}: HTTP ${sent.refusal.status}`)
    const ready = await fetch(`${server.url}/readyz`)
    if (ready.status !== 503) throw new Error(`${where}: still ready`)
    const next = await send(server.url, store.said.slice(1), store.ledger)
    if (next.acknowledged > 0) throw new Error(`${where}: acknowledged after a failed ${call}`)
    return sent.acknowledged
  } finally {
    // The tracer and what it traces.
    await server.stop()
  }
}

/** Each round the disk is full when the store is to be opened: refused with the reason, opened when there is room again. */
export async function fullDisks({ folder, onRound, rounds, seed }: DiskRun): Promise<number> {
  const disk = memoryDisk(join(folder, 'small'), 150)
  const ledger = new Ledger()
  const config = await configFile(disk.folder, LOG_SOURCES)
  let said = await events(seed)
  const filler = join(disk.folder, 'filler')
  try {
    for (let round = 1; round <= rounds; round++) {
      const server = await serverProcess(config)
      const sent = await send(server.url, said, ledger, done => done >= 20)
      said = said.slice(sent.acknowledged)
      await server.stop()
      fill(filler)
      const refused = await serverProcess(config).then(
        () => 'it opened',
        (error: Error) => error.message,
      )
      const where = `seed ${seed}, round ${round}`
      if (!refused.includes('no room on the disk')) throw new Error(`${where}: ${refused}`)
      rmSync(filler)
      mustHold(await flawsOf(join(disk.folder, 'store'), ledger), where)
      onRound?.(`${where}: refused while full, whole afterwards`)
    }
    return ledger.acknowledged
  } finally {
    disk.unmount()
  }
}

/** Until nothing more goes in. */
function fill(path: string): void {
  const megabyte = Buffer.alloc(1024 * 1024, 1)
  try {
    for (;;) writeFileSync(path, megabyte, { flag: 'a' })
  } catch {
    // That is what it was for.
  }
}
