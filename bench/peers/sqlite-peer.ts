// node:sqlite: an event table with expected version, WAL, synchronous FULL, one transaction for 500 events; actors kept live.
import { join } from 'node:path'
import { LiveActors } from './actors.ts'
import { Hearing } from './hearing.ts'
import { groupsOf, type PeerEvent, type PeerKind, PeerUnavailable } from './peer.ts'

const GROUP_EVENTS = 500

export const sqlite: PeerKind = {
  name: 'sqlite',
  about: 'node:sqlite, WAL, FULL, batches of 500, XState actors kept live',
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
    function takeOne(event: PeerEvent): void {
      hearing.hear(event)
      const { id, order, source, steps, text } = event
      if (find.get(source, id) !== undefined) return
      actors.step(order, steps)
      // A version that is there already fails: that is the check.
      const version = (versions.get(order) ?? 0) + 1
      add.run(order, version, source, id, text)
      versions.set(order, version)
    }
    return {
      async take(events) {
        for (const group of groupsOf(events, GROUP_EVENTS)) {
          db.exec('BEGIN IMMEDIATE')
          for (const event of group) takeOne(event)
          db.exec('COMMIT')
        }
      },
      kept: async () => Number(db.prepare('SELECT count(*) AS count FROM events').get()?.count),
      close: async () => db.close(),
    }
  },
}
