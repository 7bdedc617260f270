// NATS JetStream: each event published to its order's subject with the expected last sequence and its id for deduplication,
// 500 in flight; actors kept live. They must not hear a repetition, which the server would only find afterwards: ids are remembered
// here too. It can sync before it acknowledges since 2.10; what an older one reaches is told, not compared.
import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LiveActors } from './actors.ts'
import { commandIn, Daemon, freePort } from './daemon.ts'
import { Hearing } from './hearing.ts'
import { installed } from './installed.ts'
import { type Answer, inGroups, type PeerKind, PeerUnavailable } from './peer.ts'

const IN_FLIGHT = 500
const STREAM = 'ORDERS'
const FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/opt/homebrew/bin']

interface Connection {
  close(): Promise<void>
}
interface Transport {
  connect(options: { readonly servers: string; readonly reconnect: boolean }): Promise<Connection>
}
interface PublishOptions {
  readonly msgID: string
  readonly expect: { readonly lastSubjectSequence: number }
  readonly timeout: number
}
interface Acknowledgement {
  readonly seq: number
}
interface JetStream {
  jetstream(connection: Connection): {
    publish(subject: string, body: string, options: PublishOptions): Promise<Acknowledgement>
  }
  jetstreamManager(connection: Connection): Promise<{
    readonly streams: {
      add(stream: object): Promise<unknown>
      info(name: string): Promise<{ readonly state: { readonly messages: number } }>
    }
  }>
}

export const natsJetStream: PeerKind = {
  name: 'nats',
  async open(folder) {
    const command = commandIn('nats-server', FOLDERS)
    if (command === undefined)
      throw new PeerUnavailable('nats-server is not installed (Debian: apt-get install nats-server)')
    const notDurable = await whyUnsynced(command)
    const { connect } = await installed<Transport>('@nats-io/transport-node')
    const { jetstream, jetstreamManager } = await installed<JetStream>('@nats-io/jetstream')
    const port = await freePort()
    const config = join(folder, 'nats.conf')
    const sync = notDurable === undefined ? ', sync_interval: always' : ''
    await writeFile(config, `listen: "127.0.0.1:${port}"\njetstream { store_dir: ${JSON.stringify(folder)}${sync} }\n`)
    const daemon = new Daemon({ command, args: ['-c', config], signal: 'SIGTERM' })
    try {
      const connection = await daemon.ready(() => connect({ servers: `127.0.0.1:${port}`, reconnect: false }))
      const manager = await jetstreamManager(connection)
      await manager.streams.add({
        name: STREAM,
        subjects: ['orders.*'],
        storage: 'file',
        duplicate_window: 3_600 * 1e9,
      })
      const client = jetstream(connection)
      const hearing = new Hearing()
      const actors = new LiveActors()
      const sequences = new Map<string, number>()
      const known = new Set<string>()
      const takeOne = async (text: string): Promise<Answer> => {
        const heard = hearing.hear(text)
        const { key, order } = heard
        if (known.has(key)) return 'duplicate'
        known.add(key)
        const isAccepted = actors.judge(heard)
        const expect = { lastSubjectSequence: sequences.get(order) ?? 0 }
        const { seq } = await client.publish(`orders.${order}`, text, { msgID: key, expect, timeout: 60_000 })
        sequences.set(order, seq)
        if (!isAccepted) return 'refused'
        hearing.learn(heard)
        return 'accepted'
      }
      return {
        notDurable,
        take: texts => inGroups(texts, IN_FLIGHT, group => Promise.all(group.map(takeOne))),
        kept: async () => (await manager.streams.info(STREAM)).state.messages,
        async close() {
          await connection.close()
          await daemon.end()
        },
      }
    } catch (error) {
      await daemon.end()
      throw error
    }
  },
}

/** An acknowledgement before the sync is not what the others are measured by. */
async function whyUnsynced(command: string): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)(command, ['--version'])
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? []
  const syncs = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10)
  return syncs ? undefined : `${stdout.trim()} acknowledges before it syncs; 2.10 can do otherwise`
}
