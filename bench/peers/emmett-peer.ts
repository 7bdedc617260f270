// Emmett on PostgreSQL: each event appended to its order's stream with the expected version, 32 at a time, as its command
// handlers do; actors kept live. It knows no event ids: what was heard before is remembered here.
import { LiveActors } from './actors.ts'
import { Hearing } from './hearing.ts'
import { installed } from './installed.ts'
import { groupsOf, type PeerEvent, type PeerKind } from './peer.ts'
import { openPostgres } from './postgres.ts'

const IN_FLIGHT = 32

interface EventStore {
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: object }[],
    options: { readonly expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' },
  ): Promise<{ readonly nextExpectedStreamVersion: bigint }>
  close(): Promise<void>
}

interface Emmett {
  getPostgreSQLEventStore(url: string): EventStore
}

export const emmett: PeerKind = {
  name: 'emmett',
  about: 'Emmett on PostgreSQL, one append an event, 32 at a time, XState actors kept live',
  async open(folder) {
    const postgres = await openPostgres(folder)
    const { getPostgreSQLEventStore } = await installed<Emmett>('@event-driven-io/emmett-postgresql')
    const store = getPostgreSQLEventStore(postgres.url)
    const hearing = new Hearing()
    const actors = new LiveActors()
    const versions = new Map<string, bigint>()
    const known = new Set<string>()
    async function takeOne(event: PeerEvent): Promise<void> {
      const { rawData, type } = hearing.hear(event)
      const { id, order, source, steps } = event
      const key = `${source} ${id}`
      if (known.has(key)) return
      known.add(key)
      actors.step(order, steps)
      const expectedStreamVersion = versions.get(order) ?? 'STREAM_DOES_NOT_EXIST'
      const data = { id, source, data: rawData }
      const { nextExpectedStreamVersion } = await store.appendToStream(`order-${order}`, [{ type, data }], {
        expectedStreamVersion,
      })
      versions.set(order, nextExpectedStreamVersion)
    }
    // What is repeated within a group was known before, so no two appends of a group are to one stream.
    return {
      async take(events) {
        for (const group of groupsOf(events, IN_FLIGHT)) await Promise.all(group.map(takeOne))
      },
      kept: async () => Number((await postgres.client.query('SELECT count(*) FROM emt_messages')).rows[0]?.count),
      async close() {
        await store.close()
        await postgres.close()
      },
    }
  },
}
