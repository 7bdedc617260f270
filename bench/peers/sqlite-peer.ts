// node:sqlite: an event table with expected version, WAL, synchronous FULL, one transaction for 500 events; actors kept live.
import { join } from 'node:path'
import { LiveActors } from './actors.ts'
import { Hearing } from './hearing.ts'
import { type Answer, inGroups, type PeerKind, PeerUnavailable } from './peer.ts'

const GROUP_EVENTS = 500

export const sqlite: PeerKind = {
  name: 'sqlite',
  async open(folder) {
    const { DatabaseSync } = await import('node:sqlite').catch(() => {
      throw new PeerUnavailable('this Node has no node:sqlite')
    })
    const db = new DatabaseSync(join(folder, 'events.sqlite'))
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;')
    db.exec(
      `CREATE TABLE events (stream TEXT, version INTEGER, source TEXT, id TEXT, body TEXT,
        PRIMARY KEY (stream, version), UNIQUE (source, id)) WITHOUT ROWID`,
    )
    const find = db.prepare('SELECT 1 FROM events WHERE source = ? AND id = ?')
    const add = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?)')
    const hearing = new Hearing()
    const actors = new LiveActors()
    const versions = new Map<string, number>()
    function takeOne(text: string): Answer {
      const heard = hearing.hear(text)
      const { event, order } = heard
      if (find.get(event.source, event.id) !== undefined) return 'duplicate'
      const isAccepted = actors.judge(heard)
      // A version that is there already fails: that is the check.
      const version = (versions.get(order) ?? 0) + 1
      add.run(order, version, event.source, event.id, text)
      versions.set(order, version)
      if (!isAccepted) return 'refused'
      hearing.learn(heard)
      return 'accepted'
    }
    async function take(group: readonly string[]): Promise<readonly Answer[]> {
      db.exec('BEGIN IMMEDIATE')
      const answers = group.map(takeOne)
      db.exec('COMMIT')
      return answers
    }
    return {
      take: texts => inGroups(texts, GROUP_EVENTS, take),
      kept: async () => Number(db.prepare('SELECT count(*) AS count FROM events').get()?.count),
      close: async () => db.close(),
    }
  },
}
