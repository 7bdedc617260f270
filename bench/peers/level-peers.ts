// XState actors persisted with level: events and snapshots, group commit of 256, synced. Once kept live, once restored for each
// event the way the documentation suggests.
import { Level } from 'level'
import type { ChartStep } from '../load/chart-world.ts'
import { actorName, LiveActors, restoredStep } from './actors.ts'
import { Hearing } from './hearing.ts'
import { groupsOf, type Peer, type PeerEvent, type PeerKind } from './peer.ts'

const GROUP_EVENTS = 256

export const xstateLive: PeerKind = {
  name: 'xstate_live',
  about: 'XState actors kept live, persisted with level',
  open: folder => openLevelPeer(folder, liveSteps()),
}

export const xstateRestored: PeerKind = {
  name: 'xstate_restored',
  about: 'XState actors restored for each event, persisted with level',
  open: folder => openLevelPeer(folder, restoredSteps),
}

/** Steps the actors of one group; snapshots by actor name, to be persisted. */
type Steps = (db: Level, group: readonly PeerEvent[]) => Promise<ReadonlyMap<string, string>>

const EVENT = 'event '
const ACTOR = 'actor '

async function openLevelPeer(folder: string, steps: Steps): Promise<Peer> {
  const db = new Level(folder)
  await db.open()
  const hearing = new Hearing()
  const eventKey = ({ id, source }: PeerEvent) => `${EVENT}${source} ${id}`
  async function take(group: readonly PeerEvent[]): Promise<void> {
    for (const event of group) hearing.hear(event)
    const known = await db.getMany(group.map(eventKey))
    const fresh = group.filter((_, index) => known[index] === undefined)
    const snapshots = await steps(db, fresh)
    await db.batch(
      [
        ...fresh.map(event => ({ type: 'put' as const, key: eventKey(event), value: event.text })),
        ...[...snapshots].map(([name, value]) => ({ type: 'put' as const, key: ACTOR + name, value })),
      ],
      { sync: true },
    )
  }
  return {
    async take(events) {
      for (const group of groupsOf(events, GROUP_EVENTS)) await take(group)
    },
    async kept() {
      let count = 0
      for await (const _ of db.keys({ gte: EVENT, lt: `${EVENT}\uffff` })) count++
      return count
    },
    close: () => db.close(),
  }
}

function liveSteps(): Steps {
  const actors = new LiveActors()
  return async (_db, group) => {
    const stepped = new Set(group.flatMap(({ order, steps }) => [...actors.step(order, steps)]))
    return new Map([...stepped].map(name => [name, actors.snapshot(name)]))
  }
}

const restoredSteps: Steps = async (db, group) => {
  const names = [...new Set(group.flatMap(({ order, steps }) => steps.map(step => actorName(order, step))))]
  const found = await db.getMany(names.map(name => ACTOR + name))
  const snapshots = new Map<string, string | undefined>(names.map((name, index) => [name, found[index]]))
  const after = (order: string, step: ChartStep) => {
    const name = actorName(order, step)
    snapshots.set(name, restoredStep(step, snapshots.get(name)))
  }
  for (const { order, steps } of group) for (const step of steps) after(order, step)
  return snapshots as ReadonlyMap<string, string>
}
