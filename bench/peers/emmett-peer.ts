// Emmett on PostgreSQL: each event appended to its order's stream with the expected version, 32 at a time, as its command
// handlers do; actors kept live. It knows no event ids: what was heard before is remembered here.
import { LiveActors } from './actors.ts'
import { Hearing } from './hearing.ts'
import { installed } from './installed.ts'
import { type Answer, inGroups, type PeerKind } from './peer.ts'
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
  async open(folder) {
    const postgres = await openPostgres(folder)
    const { getPostgreSQLEventStore } = await installed<Emmett>('@event-driven-io/emmett-postgresql').catch(
      async error => {
        await postgres.close()
        throw error
      },
    )
    const store = getPostgreSQLEventStore(postgres.url)
    const hearing = new Hearing()
    const actors = new LiveActors()
    const versions = new Map<string, bigint>()
    const known = new Set<string>()
    async function takeOne(text: string): Promise<Answer> {
      const heard = hearing.hear(text)
      const { event, key, order } = heard
      if (known.has(key)) return 'duplicate'
      known.add(key)
      const isAccepted = actors.judge(heard)
      const expectedStreamVersion = versions.get(order) ?? 'STREAM_DOES_NOT_EXIST'
      const { id, rawData, source, type } = event
      const data = { id, source, data: rawData }
      const { nextExpectedStreamVersion } = await store.appendToStream(`order-${order}`, [{ type, data }], {
        expectedStreamVersion,
      })
      versions.set(order, nextExpectedStreamVersion)
      if (!isAccepted) return 'refused'
      hearing.learn(heard)
      return 'accepted'
    }
    // What is repeated within a group was known before, so no two appends of a group are to one stream.
    return {
      take: texts => inGroups(texts, IN_FLIGHT, group => Promise.all(group.map(takeOne))),
      kept: async () => Number((await postgres.client.query('SELECT count(*) FROM emt_messages')).rows[0]?.count),
      async close() {
        await store.close()
        await postgres.close()
      },
    }
  },
}
