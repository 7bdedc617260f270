// A PostgreSQL event table with expected version, batches of 500; actors kept live.
import { LiveActors } from './actors.ts'
import { Hearing } from './hearing.ts'
import { type Answer, inGroups, type PeerKind } from './peer.ts'
import { openPostgres } from './postgres.ts'

const GROUP_EVENTS = 500

const TABLE = `CREATE TABLE events (stream text, version bigint, source text, id text, body jsonb,
  PRIMARY KEY (stream, version), UNIQUE (source, id))`
const FIND = `SELECT source, id FROM events
  JOIN unnest($1::text[], $2::text[]) AS asked (source, id) USING (source, id)`
const ADD = 'INSERT INTO events SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::jsonb[])'

export const postgresTable: PeerKind = {
  name: 'postgres',
  async open(folder) {
    const { client, close } = await openPostgres(folder)
    await client.query(TABLE)
    const hearing = new Hearing()
    const actors = new LiveActors()
    const versions = new Map<string, number>()
    const keyOf = (each: Readonly<Record<string, unknown>>) => `${each.source} ${each.id}`
    async function take(texts: readonly string[]): Promise<readonly Answer[]> {
      const group = texts.map(text => hearing.hear(text))
      const asked = [group.map(({ event }) => event.source), group.map(({ event }) => event.id)]
      const { rows } = await client.query({ name: 'find', text: FIND, values: asked })
      const known = new Set(rows.map(keyOf))
      const fresh = group.filter(({ key }) => !known.has(key))
      const accepted = new Set(fresh.filter(heard => actors.judge(heard)))
      const next = fresh.map(({ order }) => {
        const version = (versions.get(order) ?? 0) + 1
        versions.set(order, version)
        return version
      })
      // A version that is there already fails: that is the check.
      const values = [
        fresh.map(({ order }) => order),
        next,
        fresh.map(({ event }) => event.source),
        fresh.map(({ event }) => event.id),
        fresh.map(({ text }) => text),
      ]
      if (fresh.length > 0) await client.query({ name: 'add', text: ADD, values })
      for (const heard of accepted) hearing.learn(heard)
      return group.map(heard => {
        if (known.has(heard.key)) return 'duplicate'
        return accepted.has(heard) ? 'accepted' : 'refused'
      })
    }
    return {
      take: texts => inGroups(texts, GROUP_EVENTS, take),
      kept: async () => Number((await client.query('SELECT count(*) FROM events')).rows[0]?.count),
      close,
    }
  },
}
