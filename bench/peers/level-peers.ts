// XState actors persisted with level: events and snapshots, group commit of 256, synced. Once kept live, once restored for each
// event the way the documentation suggests.
import { Level } from 'level'
import { eventTypeEntry } from '../../machines/event-types.ts'
import { actorName, judgeRestored, LiveActors, type Snapshots } from './actors.ts'
import { type Heard, Hearing } from './hearing.ts'
import { type Answer, inGroups, type Peer, type PeerKind } from './peer.ts'

const GROUP_EVENTS = 256

export const xstateLive: PeerKind = {
  name: 'xstate_live',
  open: folder => openLevelPeer(folder, judgingLive()),
}

export const xstateRestored: PeerKind = {
  name: 'xstate_restored',
  open: folder => openLevelPeer(folder, judgingRestored),
}

interface Judged {
  /** Whether each event of the group moved its order's actors. */
  readonly isAccepted: readonly boolean[]
  /** Actors that are new or moved, by name, to be persisted. */
  readonly snapshots: Iterable<readonly [name: string, text: string]>
}

type Judging = (db: Level, group: readonly Heard[]) => Promise<Judged>

const EVENT = 'event '
const ACTOR = 'actor '

async function openLevelPeer(folder: string, judging: Judging): Promise<Peer> {
  const db = new Level(folder)
  await db.open()
  const hearing = new Hearing()
  async function take(texts: readonly string[]): Promise<readonly Answer[]> {
    const group = texts.map(text => hearing.hear(text))
    const known = await db.getMany(group.map(({ key }) => EVENT + key))
    const fresh = group.filter((_, index) => known[index] === undefined)
    const { isAccepted, snapshots } = await judging(db, fresh)
    await db.batch(
      [
        ...fresh.map(({ key, text }) => ({ type: 'put' as const, key: EVENT + key, value: text })),
        ...Array.from(snapshots, ([name, value]) => ({ type: 'put' as const, key: ACTOR + name, value })),
      ],
      { sync: true },
    )
    const accepted = new Set(fresh.filter((_, index) => isAccepted[index]))
    for (const heard of accepted) hearing.learn(heard)
    return group.map((heard, index) => {
      if (known[index] !== undefined) return 'duplicate'
      return accepted.has(heard) ? 'accepted' : 'refused'
    })
  }
  return {
    take: texts => inGroups(texts, GROUP_EVENTS, take),
    async kept() {
      let count = 0
      for await (const _ of db.keys({ gte: EVENT, lt: `${EVENT}\uffff` })) count++
      return count
    },
    close: () => db.close(),
  }
}

function judgingLive(): Judging {
  const actors = new LiveActors()
  return async (_db, group) => {
    const isAccepted = group.map(heard => actors.judge(heard))
    return { isAccepted, snapshots: group.flatMap(({ order }) => actors.snapshots(order)) }
  }
}

const judgingRestored: Judging = async (db, group) => {
  const names = [...new Set(group.flatMap(namesFor))]
  const found = await db.getMany(names.map(name => ACTOR + name))
  const before: Snapshots = new Map(names.map((name, index) => [name, found[index]]))
  const after: Snapshots = new Map(before)
  const isAccepted = group.map(heard => judgeRestored(after, heard))
  const moved = [...after].filter(([name, text]) => text !== before.get(name)) as [string, string][]
  return { isAccepted, snapshots: moved }
}

/** The actors an event may ask for: of a shipment the order too, which owns and counts by it. */
function namesFor({ event, order }: Heard): readonly string[] {
  const kinds =
    eventTypeEntry(event.type).entity === 'shipment' ? (['order', 'shipment'] as const) : (['order'] as const)
  return kinds.map(kind => actorName(order, kind))
}
