// A PostgreSQL of our own, durable: fsync and synchronous_commit on, as it comes.
import { execFile } from 'node:child_process'
import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { endWithUs } from '../ending.ts'
import { commandIn, Daemon, freePort, unprivileged } from './daemon.ts'
import { installed } from './installed.ts'
import { PeerUnavailable } from './peer.ts'

export interface Answer {
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

export interface PgClient {
  connect(): Promise<unknown>
  query(
    text: string | { readonly name: string; readonly text: string; readonly values: readonly unknown[] },
  ): Promise<Answer>
  end(): Promise<void>
}

interface Pg {
  readonly default: { readonly Client: new (options: { readonly connectionString: string }) => PgClient }
}

export interface Postgres {
  readonly url: string
  readonly client: PgClient
  close(): Promise<void>
}

// Where Debian, others and PATH's usual places have it.
const FOLDERS = ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin']

export async function openPostgres(folder: string): Promise<Postgres> {
  const [initdb, postgres] = ['initdb', 'postgres'].map(name => commandIn(name, FOLDERS))
  if (initdb === undefined || postgres === undefined)
    throw new PeerUnavailable('PostgreSQL is not installed (Debian: apt-get install postgresql)')
  const { default: pg } = await installed<Pg>('pg')
  const user = unprivileged('postgres')
  const data = join(folder, 'pg')
  if (user !== undefined) await chown(folder, user.uid, user.gid)
  try {
    const args = ['-D', data, '-U', 'bench', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
    const making = promisify(execFile)(initdb, args, { ...user, cwd: folder })
    endWithUs(making.child, 'SIGTERM')
    await making
  } catch (cause) {
    throw new PeerUnavailable(`initdb failed: ${String(cause).split('\n')[0]}`)
  }
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  // SIGTERM: it waits for clients that are just leaving; SIGINT would cut them, and their pools would call that an error.
  const daemon = new Daemon({ command: postgres, args, user, signal: 'SIGTERM' })
  const url = `postgresql://bench@127.0.0.1:${port}/postgres`
  try {
    const client = await daemon.ready(async () => {
      const trying = new pg.Client({ connectionString: url })
      await trying.connect()
      return trying
    })
    return {
      url,
      client,
      async close() {
        await client.end()
        await daemon.end()
      },
    }
  } catch (error) {
    await daemon.end()
    throw error
  }
}
