// BENCHMARKS.md: every target with the figure of the last quiet run, from the JSON objects `npm run bench -- … --json` prints. Pure.
import { type Report, shown } from './report.ts'
import { boundText, isMet, scenarioOf, TARGETS, type Target } from './targets.ts'

const UNKNOWN = 'to be measured'

/** The whole file. What no report tells is to be measured; figures of a red oracle do not count. */
export function benchmarksText(reports: readonly Report[]): string {
  const green = reports.filter(({ oracle }) => oracle.green)
  return [
    '# Benchmarks',
    '',
    'Written by `node bench/write-benchmarks.ts FILE…` from what `npm run bench -- … --json` printed. Figures count only when the',
    'oracle of their run was green, and are meant for a machine that does nothing else.',
    '',
    '| | |',
    '|---|---|',
    ...machineRows(green),
    '',
    '| figure | what | target | measured | | command: `npm run bench --` |',
    '|---|---|---|---|---|---|',
    ...TARGETS.map(target => row(target, green)),
    '',
    ...NOTES,
    '',
  ].join('\n')
}

function machineRows(reports: readonly Report[]): readonly string[] {
  const machine = reports[0]?.machine
  const payload = reports.map(({ results }) => results.payload_bytes).find(bytes => bytes !== undefined)
  const seeds = [...new Set(reports.map(({ seed }) => seed))].join(', ')
  return [
    `| machine | ${machine === undefined ? UNKNOWN : `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}`} |`,
    `| Node | ${machine?.node ?? UNKNOWN} |`,
    `| seed | ${seeds || UNKNOWN} |`,
    `| sync | ${machine?.sync ?? UNKNOWN} |`,
    `| payload | ${payload === undefined ? UNKNOWN : `${payload} bytes of JSON an event on average`}; orders of 5 lines, 2 % duplicates, 2 % illegal |`,
    `| load of others at the start | ${machine === undefined ? UNKNOWN : Math.max(...reports.map(each => each.machine.busy))} |`,
  ]
}

function row(target: Target, reports: readonly Report[]): string {
  const { about, key, measuredBy } = target
  const value = reports
    .filter(({ scenario }) => scenario === scenarioOf(target))
    .map(({ ratios, results }) => ratios[key] ?? results[key])
    .findLast(figure => figure !== undefined)
  const measured = value === undefined ? [UNKNOWN, ''] : [shown(value), isMet(target, value) ? 'met' : 'missed']
  return `| ${[`\`${key}\``, about, boundText(target), ...measured, `\`${measuredBy}\``].join(' | ')} |`
}

const NOTES = [
  '## How it is measured',
  '',
  '- Latencies are kept in an HDR histogram. In an open loop they count from when a request was due; those of a closed loop are',
  '  corrected for coordinated omission (`bench/histogram.ts`).',
  '- Clients, sources and subscribers are processes of their own on the same machine, over loopback; what they prepare and read is',
  '  outside the time that counts, but not off the machine.',
  '- Peers take the same events from JSON text, validate with the same schemas, refuse repeats, let XState take the steps of the',
  '  real charts and answer when it is durable. They are spared finding owners, numbers and lateness, and serving readers. NATS is',
  '  left out below 2.10, which acknowledges before it syncs. Their packages are installed when first asked for',
  '  (`bench/peers/package.json`); PostgreSQL and `nats-server` are used when the machine has them.',
  '- Mercurius and graphql-ws are given payloads that are ready; the twin judges, keeps and looks up what it tells.',
  '',
  '## Your own peak',
  '',
  'A network scenario is a small file of data: copy one of `bench/network/scenarios/`, change it, add it to',
  '`bench/network/scenarios.ts`, and run it: `npm run bench -- my-peak --orders 20000 --report DIR`. The page in `DIR` has the',
  'throughput, backlog, latency and memory of the day, and the command to repeat it. Exit 1 says that the oracle is red: an event',
  'lost or applied twice, a shipment or invoice there twice, something newer overwritten, a move by somebody who does not own it, or',
  'an order that ends other than in a run where nothing goes wrong.',
]
