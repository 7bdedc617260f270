// Metrics of the engine, for /metrics.
import type { Base, Derived } from './derived.ts'
import type { Full } from './inbox.ts'
import type { Journal } from './journal/journal.ts'
import type { MetricFamily } from './twin.ts'

export interface Measured {
  readonly base: Base
  readonly derived: Derived
  readonly journal: Journal
  readonly inbox: { readonly size: number; readonly turnedAway: Readonly<Record<Full, number>> }
  readonly followers: number
  readonly isReady: boolean
}

export function engineMetrics({
  base,
  derived,
  followers,
  inbox,
  isReady,
  journal,
}: Measured): readonly MetricFamily[] {
  const head = journal.head()
  return [
    {
      name: 'ordertwin_events_total',
      help: 'Events by source and outcome.',
      type: 'counter',
      samples: eventCounts({ base, derived }),
    },
    gauge('ordertwin_journal_entries', 'Entries in the journal.', head.position),
    gauge('ordertwin_journal_bytes', 'Bytes in the journal.', head.bytes),
    gauge('ordertwin_orders', 'Orders known.', derived.board.size),
    gauge('ordertwin_parked_events', 'Events that wait.', derived.sourceLog.parked),
    gauge('ordertwin_inbox_events', 'Events that wait for their turn.', inbox.size),
    {
      name: 'ordertwin_inbox_turned_away_total',
      help: 'Events answered overloaded, by reason.',
      type: 'counter',
      samples: Object.entries(inbox.turnedAway).map(([reason, value]) => ({ labels: { reason }, value })),
    },
    gauge('ordertwin_live_families', 'Families in memory as they are.', base.families.size),
    gauge('ordertwin_packed_families', 'Families in memory as bytes.', base.families.packedSize),
    gauge('ordertwin_followers', 'Readers of the feed.', followers),
    gauge('ordertwin_quarantined_families', 'Families set aside.', base.quarantined.size),
    gauge('ordertwin_ready', 'Whether events are taken.', isReady ? 1 : 0),
  ]
}

const gauge = (name: string, help: string, value: number): MetricFamily => ({
  name,
  help,
  type: 'gauge',
  samples: [{ labels: {}, value }],
})

const eventCounts = ({ base, derived }: Pick<Measured, 'base' | 'derived'>): MetricFamily['samples'] =>
  [...base.sources.byId.keys()].flatMap(source =>
    Object.entries(derived.sourceLog.of(source).outcomes).map(([outcome, value]) => ({
      labels: { source, outcome },
      value,
    })),
  )
