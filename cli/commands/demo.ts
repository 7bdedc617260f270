// `ordertwin demo`: an embedded store, the public order log over the HTTP API, everything on one port.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { ocelSources } from '../../connectors/ocel/partners.ts'
import type { Source } from '../../machines/sources.ts'
import { type Config, environmentConfig, parseConfig } from '../config.ts'
import { parseSpeed, runDemo } from '../demo.ts'
import { DemoClock } from '../demo-clock.ts'
import { WrongUsage } from '../exit.ts'
import { aborted, serve, stopSignal, urls } from '../serving.ts'
import { openTwin } from '../store.ts'

// The log begins here; its first event is from that morning.
const LOG_STARTS_MS = Date.UTC(2023, 3, 3)

/** Who tries what people do about exceptions: `by: "you"`. */
const YOU: Source = { id: 'you', role: 'operator', timeZone: 'Europe/Berlin' }

export const demo = defineCommand({
  meta: { name: 'demo', description: 'Replay the public order log through simulated systems, and stay up' },
  args: {
    speed: { type: 'string', default: '1', description: 'Times faster than about a minute, or max', valueHint: 'N' },
    orders: { type: 'string', description: 'Only the first N orders', valueHint: 'N' },
    data: {
      type: 'string',
      description: "The store's folder; without it a temporary one, gone at the end",
      valueHint: 'DIR',
    },
    port: { type: 'string', description: 'Port (default 4000; 0 takes any free one)', valueHint: 'PORT' },
    exit: { type: 'boolean', default: false, description: 'End when the replay is done' },
  },
  async run({ args }) {
    const speed = parseSpeed(args.speed)
    const orders = args.orders === undefined ? undefined : Number(args.orders)
    if (speed === undefined) throw new WrongUsage('--speed takes a number above 0, or max')
    if (orders !== undefined && !(orders >= 1)) throw new WrongUsage('--orders takes a number from 1')
    const chosen = args.data ?? process.env.ORDERTWIN_DATA
    const data = chosen ?? (await mkdtemp(join(tmpdir(), 'ordertwin-')))
    const flags = { data, sources: [...ocelSources, YOU], ...(args.port === undefined ? {} : { port: args.port }) }
    const config = parseConfig({ ...environmentConfig(process.env), ...flags })

    try {
      await played(config, { speed, orders, staysUp: !args.exit })
    } finally {
      if (chosen === undefined) await rm(data, { recursive: true, force: true })
    }
  },
})

interface Playing {
  readonly speed: number
  readonly orders: number | undefined
  readonly staysUp: boolean
}

async function played(config: Config, { orders, speed, staysUp }: Playing): Promise<void> {
  const signal = stopSignal(process)
  const clock = new DemoClock(LOG_STARTS_MS, Date.now)
  const { data, limits, sources } = config
  const twin = await openTwin({ data, sources, clock, limits, onTrouble: trouble => console.error(trouble) })
  const { server, close } = await serve(twin, config)
  try {
    console.log(`Ordertwin is up, its store in ${data}\n${urls(server.url)}\n`)
    await runDemo({ url: server.url, speed, orders, out: process.stdout, signal, onLogTime: ms => clock.follow(ms) })
    if (staysUp && !signal.aborted) {
      console.log(`\nThe twin stays up. Ctrl-C ends it.\n${urls(server.url)}`)
      await aborted(signal)
    }
  } finally {
    await close()
  }
}
