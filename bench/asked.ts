// Asked: what the command line asks of the bench, or why it cannot be done. Pure.
import { parseArgs } from 'node:util'
import { NETWORK_SCENARIOS } from './network/scenarios.ts'
import { NotAsked } from './not-asked.ts'
import { shown } from './report.ts'
import { ORDERS_MAX } from './scenarios/scenario.ts'
import { SCENARIOS } from './scenarios/scenarios.ts'

export interface Asked {
  /** Its name; `all` for all of them. */
  readonly scenario: string
  readonly seed: number
  /** Undefined: the scenario's own. */
  readonly orders: number | undefined
  /** How long the played day takes, of network scenarios only. */
  readonly seconds: number | undefined
  readonly peers: boolean
  readonly json: boolean
  readonly report: string | undefined
  readonly data: string
  readonly keep: boolean
}

export const ALL = 'all'

export const usage = (): string =>
  [
    'npm run bench -- [SCENARIO] [--seed N] [--orders N] [--seconds N] [--peers] [--json] [--report DIR] [--data FOLDER]',
    '  [--keep]',
    '',
    '  --seed N       the same seed makes the same load; default 1',
    "  --orders N     size of the load; default: the scenario's own",
    "  --seconds N    length of a network scenario's played day, in real seconds; default: the scenario's own",
    '  --peers        measures what a user would pick instead, too',
    '  --json         one JSON object instead of a table',
    '  --report DIR   writes SCENARIO.html and SCENARIO.json there',
    '  --data FOLDER  where stores are made; default bench/stores',
    '  --keep         leaves the store for the next run that wants the same orders',
    '',
    'Exit 1: the oracle is red, the figures do not count. Exit 2: not asked properly. Ctrl-C leaves nothing but what --keep kept before.',
    'Scenarios, ingest where none is named:',
    ...Object.entries(SCENARIOS).map(([name, { about }]) => `  ${name.padEnd(14)}${about}`),
    `  ${ALL.padEnd(14)}every target and network scenario; what --report has already is not run again`,
  ].join('\n')

/** What to type to have the same run again. Which folders it used was nobody's concern but its own. */
export function commandOf({ keep, orders, peers, scenario, seconds, seed }: Asked): string {
  const size = orders === undefined ? '' : ` --orders ${orders}`
  const length = seconds === undefined ? '' : ` --seconds ${seconds}`
  return `npm run bench -- ${scenario} --seed ${seed}${size}${length}${peers ? ' --peers' : ''}${keep ? ' --keep' : ''}`
}

/** Undefined where help is asked for. Throws NotAsked. */
export function askedBy(args: readonly string[]): Asked | undefined {
  const { positionals, values } = parsed(args)
  if (values.help) return undefined
  const [scenario = 'ingest', more] = positionals
  if (more !== undefined) throw new NotAsked(`one scenario at a time, and not ${more} too`)
  if (scenario !== ALL && !Object.hasOwn(SCENARIOS, scenario))
    throw new NotAsked(
      `there is no scenario ${scenario}; one of your own is named in bench/network/scenarios.ts\n\n${usage()}`,
    )
  const { data, json, keep, peers, report } = values
  const seed = wholeNumber('seed', values.seed, 0)
  const most = SCENARIOS[scenario]?.ordersMax ?? ORDERS_MAX
  const orders = values.orders === undefined ? undefined : wholeNumber('orders', values.orders, 1, most)
  const seconds = values.seconds === undefined ? undefined : secondsOf(scenario, values.seconds)
  return { scenario, seed, orders, seconds, peers, json, report, data, keep }
}

/** A day in which all happens at once has no length. */
function secondsOf(scenario: string, text: string): number {
  const days = Object.entries(NETWORK_SCENARIOS).filter(([, { arrivals }]) => arrivals.kind !== 'at_once')
  const names = days.map(([name]) => name)
  if (names.includes(scenario)) return wholeNumber('seconds', text, 1)
  throw new NotAsked(`--seconds is the length of a played day, and ${scenario} has none: it is for ${names.join(', ')}`)
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        seed: { type: 'string', default: '1' },
        orders: { type: 'string' },
        seconds: { type: 'string' },
        peers: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        report: { type: 'string' },
        data: { type: 'string', default: 'bench/stores' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (cause) {
    throw new NotAsked(`${(cause as Error).message}\n\n${usage()}`)
  }
}

function wholeNumber(name: string, text: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < least || number > most) {
    const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${shown(most)}` : `from ${least}`
    throw new NotAsked(`--${name} must be a whole number ${range}`)
  }
  return number
}
