// BENCHMARKS.md: every target with the figure of the last run, from the reports in bench/measured. Pure.

import { codeText } from './code-now.ts'
import { NETWORK_SCENARIOS } from './network/scenarios.ts'
import { type Report, shown } from './report.ts'
import { boundText, isMet, isOfSize, scenarioOf, TARGETS, type Target } from './targets.ts'

const UNKNOWN = 'to be measured'

/** The whole file. What no report tells is to be measured; figures of a red oracle do not count. */
export function benchmarksText(reports: readonly Report[]): string {
  const green = reports.filter(({ oracle }) => oracle.green)
  return [
    '# Benchmarks',
    '',
    'Written by `node bench/write-benchmarks.ts FILE…`, which takes reports of `npm run bench -- … --report DIR` into `bench/measured` and tells',
    'of all that is there; `npm run bench -- all --report DIR` measures everything, and goes on where it was when it is run again. Figures count',
    'only when the oracle of their run was green and it had the size of its command. They are meant for a machine that does nothing else.',
    'Each says of which commit it is, and of when (UTC): a plus behind a commit says that files differed from it. What was measured before',
    '2026-11-30 14:16 got both by hand, when reports did not tell them yet.',
    '',
    '| | |',
    '|---|---|',
    ...machineRows(green),
    '',
    '| figure | what | target | measured | | of | command: `npm run bench --` |',
    '|---|---|---|---|---|---|---|',
    ...TARGETS.map(target => row(target, green)),
    '',
    ...smallerRuns(green),
    ...peersOf(green),
    ...daysOf(green),
    ...NOTES,
    '',
  ].join('\n')
}

function machineRows(reports: readonly Report[]): readonly string[] {
  const each = (told: (report: Report) => string | number | undefined) =>
    [...new Set(reports.map(told).filter(value => value !== undefined))].join('; ') || UNKNOWN
  const payload = each(({ results }) => results.payload_bytes)
  return [
    `| machine | ${each(({ machine }) => `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.platform}`)} |`,
    `| Node | ${each(({ machine }) => machine.node)} |`,
    `| seed | ${each(({ seed }) => seed)} |`,
    `| sync | ${each(({ machine }) => machine.sync)} |`,
    `| one fdatasync | ${rangeOf(
      reports.map(({ machine }) => machine.syncMs),
      ' ms',
    )} |`,
    `| one read of memory, in no order, of 16 MB | ${rangeOf(
      reports.map(({ machine }) => machine.readNs),
      ' ns',
    )} |`,
    `| payload | ${payload} bytes of JSON an event on average; orders of 5 lines, 2 % duplicates, 2 % illegal |`,
    `| raw log, what the machine gave during \`ingest\` | ${each(rawLogText)} |`,
    `| load of others at the start | ${rangeOf(reports.map(({ machine }) => machine.busy))} |`,
  ]
}

function rangeOf(values: readonly (number | undefined)[], unit = ''): string {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? UNKNOWN : `${shown(Math.min(...known))} to ${shown(Math.max(...known))}${unit}`
}

const rawLogText = ({ results: { orders, raw_log_events_per_s: rate } }: Report): string | undefined =>
  rate === undefined ? undefined : `${shown(rate)} events a second (${shown(orders ?? 0)} orders)`

function row(target: Target, reports: readonly Report[]): string {
  const { about, key, measuredBy, since = '' } = target
  const figures = reports
    .filter(({ results, scenario }) => scenario === scenarioOf(target) && isOfSize(target, results.orders))
    .filter(({ code }) => code.measuredAt >= since)
    .map(({ code, ratios, results }) => ({ code, value: ratios[key] ?? results[key] }))
  const last = figures.findLast(({ value }) => value !== undefined)
  const measured =
    last?.value === undefined
      ? [UNKNOWN, '', '']
      : [shown(last.value), isMet(target, last.value) ? 'met' : 'missed', codeText(last.code)]
  return `| ${[`\`${key}\``, about, boundText(target), ...measured, `\`${measuredBy}\``].join(' | ')} |`
}

/** Runs of another size than their target asks for: they do not answer it, but tell how far away it is. */
function smallerRuns(reports: readonly Report[]): readonly string[] {
  const rows = TARGETS.flatMap(target =>
    reports
      .filter(({ results, scenario }) => scenario === scenarioOf(target) && !isOfSize(target, results.orders))
      .flatMap(({ code, ratios, results, scenario }) => {
        const value = ratios[target.key] ?? results[target.key]
        if (value === undefined || results.orders === undefined) return []
        const size = [`\`${scenario}\``, shown(results.orders)]
        return [`| ${[`\`${target.key}\``, ...size, shown(value), boundText(target), codeText(code)].join(' | ')} |`]
      }),
  )
  if (rows.length === 0) return []
  return [
    '## Smaller runs',
    '',
    'Fewer orders than the target is stated for: no answer to it, but they tell how far away it is.',
    '',
    '| figure | scenario | orders | measured | target, for its own size | of |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
  ]
}

const PEERS: readonly (readonly [key: string, about: string])[] = [
  ['peer_xstate_live', 'XState actors kept live, `level`'],
  ['peer_xstate_restored', 'XState actors restored for each event, `level`'],
  ['peer_emmett', 'Emmett on PostgreSQL'],
  ['peer_postgres', 'a PostgreSQL event table'],
  ['peer_sqlite', 'SQLite'],
  ['peer_nats', 'NATS JetStream'],
  ['peer_nats_unsynced', 'NATS JetStream that acknowledges before it syncs: compared with nothing'],
]

/** What others reached in the same run; which were left out, and why. */
function peersOf(reports: readonly Report[]): readonly string[] {
  const beside = reports.filter(({ results }) => results.peers_orders !== undefined)
  if (beside.length === 0) return []
  const rows = PEERS.map(([key, about]) => {
    const rates = beside.map(({ results }) => results[`${key}_events_per_s`])
    return rates.some(rate => rate !== undefined)
      ? [`| ${about} | ${rates.map(rate => (rate === undefined ? '' : shown(rate))).join(' | ')} |`]
      : []
  })
  return [
    '## Peers',
    '',
    'Events a second, durable, of the same events; the twin first, on what the peers took.',
    '',
    `| | ${beside.map(({ code, results }) => `${shown(results.peers_orders ?? 0)} orders, ${codeText(code)}`).join(' | ')} |`,
    `|---|${beside.map(() => '---').join('|')}|`,
    `| Ordertwin | ${beside.map(({ results }) => shown(results.engine_beside_peers_events_per_s ?? 0)).join(' | ')} |`,
    ...rows.flat(),
    '',
    ...beside.flatMap(({ notes }) => notes.map(note => `- ${note}`)),
    '',
  ]
}

const DAY_FIGURES = [
  ['orders', 'orders'],
  ['deliveries', 'deliveries'],
  ['day_s', 'played in, s'],
  ['simulated_s_per_s', 'faster than the day itself'],
  ['offered_events_per_s', 'offered a second, mean'],
  ['offered_events_per_s_max', 'most'],
  ['answered_events_per_s_max', 'answered a second, most'],
  ['outcome_p50_ms', 'due to outcome, p50 ms'],
  ['outcome_p99_ms', 'p99 ms'],
  ['backlog_events_max', 'backlog, most'],
  ['drain_s', 'drained after, s'],
  ['resent_events', 'sent again'],
  ['late_events', 'behind something newer'],
  ['late_settings', 'that would overwrite it'],
  ['subscriber_payloads', 'told to watchers'],
  ['rss_mb_max', 'memory, most MB'],
] as const

/** The network scenarios that were played: their oracles were green, or they would not be here. */
function daysOf(reports: readonly Report[]): readonly string[] {
  const days = reports.filter(({ scenario }) => scenario in NETWORK_SCENARIOS)
  if (days.length === 0) return []
  const cells = ({ code, results, scenario }: Report) => [
    `\`${scenario}\``,
    NETWORK_SCENARIOS[scenario]?.about ?? '',
    ...DAY_FIGURES.map(([key]) => (results[key] === undefined ? '' : shown(results[key]))),
    codeText(code),
  ]
  return [
    '## Days of a network',
    '',
    'Sources, watchers and the twin share the machine. What is sent, late, twice and out of order, ends as if nothing had gone wrong.',
    '',
    `| day | | ${DAY_FIGURES.map(([, name]) => name).join(' | ')} | of |`,
    `|---|---|${DAY_FIGURES.map(() => '---').join('|')}|---|`,
    ...days.map(day => `| ${cells(day).join(' | ')} |`),
    '',
  ]
}

const NOTES = [
  '## How it is measured',
  '',
  '- Latencies are kept in an HDR histogram. In an open loop they count from when a request was due; those of a closed loop are',
  '  corrected for coordinated omission (`bench/histogram.ts`). Of the first second of `ack_p99_ms` nothing counts: the client warms up.',
  '- Clients, sources and subscribers are processes of their own on the same machine, over loopback; what they prepare and read is',
  '  outside the time that counts, but not off the machine.',
  '- Questions are asked four at a time without a pause first, which tells the most a second (`order_most_per_s`), and then at half of',
  '  that, each at its time whether those before are answered or not: `order_p99_ms` counts from when each was due. What the four waited for,',
  '  one another included, is `order_busy_p99_ms`; lists and histories alike.',
  '- `ingest` warms up first with 3,000 orders that count nowhere, and for peers and the engine beside them with 500. Over HTTP each load goes to',
  '  a twin in a process of its own, which took 3,000 orders as lines before, and a part of them as mutations or one by one where the load comes so;',
  '  Fastify, in a process of its own too, took that part. Before 2026-11-30 17:37 the process served that had measured everything before: Fastify',
  '  came to 4,360 a second then, and to 8,290 in one of its own, so that `single_vs_fastify` of before counts no more.',
  '- `ingest` keeps in memory what is open and a quarter more, 62,500 families of 100,000 orders, where a twin keeps 10,000 and 20,000 more',
  '  packed, unless it is told otherwise; `cold_events_per_s` is what comes of too few. So `bytes_per_event_all` is of a store whose',
  '  families were seldom written before they ended: what the default cache leaves is `store_bytes_per_entry` of `memory`. Of 100,000',
  '  orders 50,000 are open at a time; cold families, mutations and what peers take are a quarter of them, 12,500 open, single events and',
  "  Fastify's a tenth, 5,000, as `growth` has. `fanout` begins with an empty store. Questions, days of a network, `memory` and what",
  '  `recover` opens have the cache that a twin has.',
  '- Peers and the engine take the same whole load, a quarter of the orders, from JSON text; a peer is cut after 120 s and says so, and if',
  '  the best one was, the engine counts up to as many events. Peers validate with the same schemas, find which order a number means, refuse',
  "  repeats, check owners and quantities with the engine's own functions, captures included, have XState make and move the actors of the",
  '  real charts or refuse the event, and answer when it is durable: with `level` events and snapshots, else events, from which actors',
  '  follow. The oracle counts what they accept, refuse and know. They are spared comparing a repetition with what came first, judging late',
  '  events anew and parking early ones, documents and numbers told twice, reasons, numbers on disk, deadlines, and serving readers. A NATS',
  '  below 2.10 acknowledges before it syncs and is compared with nothing. Their packages are installed when first asked for',
  '  (`bench/peers/package.json`); PostgreSQL and `nats-server` are used when the machine has them.',
  '- `query --keep` leaves its store, verified and closed, as `growth` does of up to a million orders; with `--keep` `query` and `history` ask the same',
  '  one, and `memory` and `recover` go on with a copy of it, which is sent a tenth of its orders more, at most 100,000. `memory` serves it with the default cache; `recover` kills who',
  '  writes as soon as it has its answers, so that what came since the last checkpoint is folded again. All orders, old and new, must be there',
  '  each way it is opened, and the families and histories of 500 be the same each time. Without a kept store of that seed and size both send all.',
  '- `growth` beyond a million orders takes the cost of 10,000 whole lives at each size, 5,000 of them open at a time; orders in between are captured and',
  '  rejected, two events each instead of fifteen: whole lives of ten million would take four hours and 35 GB. `restart_s` is the opening of the whole.',
  '- `recover` times opening the store in a process of its own, up to a twin that takes events; starting Node before that and the server after',
  '  it takes some tenths of a second more, and the watch `watch_restart_s`. Cold is what the twin does not have in memory: the system has the',
  '  files, which were written just before, in its own.',
  '- Mercurius and graphql-ws are given payloads that are ready, as many changes at a time as the twin gets events; the twin judges, keeps',
  '  and looks up what it tells. Every subscriber gets each change once and in order.',
  '- A request that is turned away for now (429) is sent again, its latency counted from the first sending: `turned_away_requests`.',
  '',
  '## Your own peak',
  '',
  'A network scenario is a small file of data: copy one of `bench/network/scenarios/`, change it, add it to `bench/network/scenarios.ts`,',
  'and run it: `npm run bench -- my-peak --orders 20000 --report DIR`. The page in `DIR` has the throughput, backlog, latency and memory of',
  'the day, what was played and when, and the command to repeat it. Who the sources are, their roles and what an order is (five lines, one',
  'shipment) stand in `bench/load/`.',
  '',
  'A day is played some thousand times faster than it is (`simulated_s_per_s`), but sources wait for answers in real time (`patience`), and',
  'hardly run into a timeout in a short one. `--seconds N` plays the same day in N real seconds, at most two days.',
  'What a day comes to is said first, in a sentence: it fits where of each source 99 of 100 deliveries were answered within a second of',
  'being due. `own_pace_events_per_s_max` is the busiest second of the day itself, and `offered_events_per_s_max` as it was played: to know',
  'whether your peak fits, choose `--orders` and `--seconds` so that this comes to what you expect. `outcome_p50_ms_SOURCE` and',
  '`outcome_p99_ms_SOURCE` tell whether the peak of one source makes the others wait; `late_events` and `late_settings` how much came behind',
  'something newer of its order, and how much of that would have overwritten it. The ERP reports up to ten minutes out of order in every day',
  'of whole lives; a day of captures only (`edi-burst`) says',
  'that it did not try overwriting.',
  '',
  'A scenario that would say nothing, lacks a member or has one that there is not is not played, and each flaw told. Exit 1 says that the',
  'oracle is red: an event lost or applied twice, a shipment or invoice there twice or under another number, something newer overwritten by',
  'something older (what stands of each order is held against the newest report of its kind), or nothing older that came, so that this was',
  'not tried, a move by somebody who does not own it, an order that does not end closed, delivered and paid, or other than in a run where',
  'nothing goes wrong, a source that was told what was not judged, a watcher who was not told of every order, or twice of what happened',
  'once, an outage in which its source had nothing to tell, a twin that was not stopped because the day was over, memory that grows in the',
  'second half of an even day by more than the scenario allows (`growth`). Exit 2: it was not asked properly, and nothing ran. Ctrl-C (130)',
  'leaves nothing of a run: no process, and no store but those that were kept.',
]
