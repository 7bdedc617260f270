// Peers that need a server and packages of their own, where both are there: they answer as the twin does and keep each event once.
import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LOAD } from '../../bench/load/load.ts'
import { Checks } from '../../bench/oracle.ts'
import { emmett } from '../../bench/peers/emmett-peer.ts'
import { natsJetStream } from '../../bench/peers/nats-peer.ts'
import { PeerUnavailable } from '../../bench/peers/peer.ts'
import { runPeer } from '../../bench/peers/peer-run.ts'
import { postgresTable } from '../../bench/peers/postgres-peer.ts'
import { temporaryFolder } from './stores.ts'

const load = { seed: 2, orders: 8, workingSet: 8, ...LOAD, duplicateShare: 0.2, illegalShare: 0.2 }
const isInstalled = existsSync(new URL('../../bench/peers/node_modules', import.meta.url))

test.for([postgresTable, emmett, natsJetStream])(
  '$name accepts, refuses and repeats as the twin does, and keeps each event once',
  async (kind, { skip }) => {
    // A test installs nothing.
    if (!isInstalled) skip('the packages of peers are not installed: bench ingest --peers does that')
    const checks = new Checks()
    try {
      await runPeer({ kind, folder: await temporaryFolder(), load, secondsMax: 600 }, checks)
    } catch (error) {
      if (error instanceof PeerUnavailable) skip(error.message)
      throw error
    }
    expect(checks.verdict()).toMatchObject({ green: true, held: { length: 2 } })
  },
)
