// Restores: backups taken while a server takes events, each restored to a random position and opened. What then is served must be
// what the source's own entries up to there give, and what was acknowledged up to there must be in it.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { journalFolder, openTwin } from '../../cli/store.ts'
import { seededRandom } from '../../connectors/simulated/random.ts'
import { parsePosition, positionText } from '../../engine/answers.ts'
import { applied } from '../../engine/entry.ts'
import { emptyFamily, type Family } from '../../engine/family.ts'
import { packFamily } from '../../engine/family-codec.ts'
import { verifyJournal } from '../../engine/journal/verify.ts'
import type { Twin } from '../../engine/twin.ts'
import { linesOf, posted } from '../crash/stream.ts'
import { SOURCES } from '../helpers/distributor.ts'
import { orderLife } from '../helpers/order-life.ts'
import { configFile, ordertwin, type ServerProcess, serverProcess } from '../helpers/server-process.ts'
import { allEntries } from '../helpers/store-truth.ts'

export interface RestoreRun {
  /** An empty folder; its stores stay when something is wrong. */
  readonly folder: string
  readonly seed: number
  readonly rounds: number
  readonly onRound?: (line: string) => void
}

interface Restored {
  readonly position: number
  readonly hash: string
  /** Of every family, as it is served. */
  readonly families: string
}

/** How many events the source had in the end. Throws at the first store that is not as it was. */
export async function restores({ folder, onRound, rounds, seed }: RestoreRun): Promise<number> {
  const random = seededRandom(seed)
  const config = await configFile(folder, SOURCES)
  const server = await serverProcess(config)
  const load = new Load(server)
  const restored: Restored[] = []
  try {
    for (let round = 1; round <= rounds; round++) {
      await load.reached(round * EVENTS_PER_ROUND)
      const backup = join(folder, `backup-${round}`)
      // What was told before the backup began must be in it.
      const told = load.position
      await succeeded(['backup', backup, '--config', config])
      const data = join(folder, `restored-${round}`)
      const isWhole = random.chance(0.3)
      const upTo = isWhole ? [] : ['--position', String(1 + random.whole(told))]
      await succeeded(['restore', backup, '--data', data, ...upTo])
      const each = await served(data)
      if (isWhole && each.position < told)
        throw new Error(`seed ${seed}, round ${round}: restored up to ${each.position}, told ${told}; see ${data}`)
      restored.push(each)
      onRound?.(`round ${round}: backup at ${told}, restored to ${each.position}`)
      await Promise.all([rm(backup, { recursive: true }), rm(data, { recursive: true })])
    }
  } finally {
    await load.over()
    await server.stop()
  }
  await held(join(folder, 'store'), restored, `seed ${seed}`)
  return load.events
}

const EVENTS_PER_ROUND = 400

async function succeeded(args: readonly string[]): Promise<void> {
  const ran = await ordertwin(args)
  if (ran.exitCode !== 0) throw new Error(`${args.join(' ')}: exit ${ran.exitCode}: ${ran.error}`)
}

/** Orders told of one after another, in small requests, until it is over. */
class Load {
  events = 0
  /** Of the newest event that was told of. */
  position = 0
  private isOver = false
  private readonly sending: Promise<void>

  constructor(server: ServerProcess) {
    this.sending = this.send(server)
    // Told where it is waited for.
    this.sending.catch(() => undefined)
  }

  async reached(events: number): Promise<void> {
    while (this.events < events) await Promise.race([pause(20), this.sending])
  }

  async over(): Promise<void> {
    this.isOver = true
    await this.sending
  }

  private async send({ url }: ServerProcess): Promise<void> {
    for (let order = 1; !this.isOver; order++) {
      for await (const { outcome, position = '' } of linesOf(await posted(url, orderLife(order)))) {
        if (outcome !== 'accepted') throw new Error(`an event of order ${order} was ${outcome}`)
        this.position = Math.max(this.position, parsePosition(position) ?? 0)
        this.events++
      }
      // A steady load, not the most it takes: the store shall stay small enough to be compared whole.
      await pause(10)
    }
  }
}

async function served(data: string): Promise<Restored> {
  const clock = { nowMs: Date.now() }
  const twin = await openTwin({ data, sources: SOURCES, clock, adopt: true, onTrouble: () => undefined })
  try {
    const { hash, position } = twin.head()
    return { position: parsePosition(position) ?? 0, hash, families: await familiesOf(twin) }
  } finally {
    await twin.close()
  }
}

async function familiesOf(twin: Twin): Promise<string> {
  const families: Family[] = []
  for (const id of new Set((await allEntries(twin)).map(entry => entry.family)))
    families.push((await twin.family(id)) ?? emptyFamily(id))
  return digestOf(families)
}

function digestOf(families: readonly Family[]): string {
  const digest = createHash('sha256')
  for (const family of families.toSorted((one, other) => (one.id < other.id ? -1 : 1)))
    digest.update(packFamily(family))
  return digest.digest('hex')
}

/** The source, closed, held against what was restored from it: the same chain up to there, the same families. */
async function held(data: string, restored: readonly Restored[], where: string): Promise<void> {
  for (const keptHead of restored) {
    const verdict = await verifyJournal(journalFolder(data), { keptHead })
    if (verdict.kind !== 'whole') throw new Error(`${where}: ${JSON.stringify(verdict)}`)
  }
  const twin = await openTwin({ data, sources: SOURCES, clock: { nowMs: Date.now() }, onTrouble: () => undefined })
  try {
    const families = new Map<string, Family>()
    const left = restored.toSorted((one, other) => one.position - other.position)
    for (const entry of await allEntries(twin)) {
      while (left[0] !== undefined && left[0].position < entry.position) mustBe(left.shift(), families, where)
      families.set(entry.family, applied(families.get(entry.family) ?? emptyFamily(entry.family), entry))
    }
    for (const each of left) mustBe(each, families, where)
  } finally {
    await twin.close()
  }
}

function mustBe(restored: Restored | undefined, families: ReadonlyMap<string, Family>, where: string): void {
  if (restored === undefined || restored.families === digestOf([...families.values()])) return
  throw new Error(`${where}: what was restored up to ${positionText(restored.position)} is not what was there then`)
}
