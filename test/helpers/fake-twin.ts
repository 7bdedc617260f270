// A twin that answers at once: shape is judged as the engine judges it, whatever is well-formed is accepted.
import { emptyFamily } from '../../engine/family.ts'
import type { Outcome } from '../../engine/outcome.ts'
import type { EngineHealth, MetricFamily, Sender, Twin } from '../../engine/twin.ts'
import { parseEvent } from '../../machines/event.ts'

const NOW_MS = Date.parse('2026-11-21T12:00:00Z')

export interface FakeTwinOptions {
  /** Default: well-formed events are accepted, the rest is malformed. */
  readonly judge?: (input: unknown) => Outcome
  readonly health?: EngineHealth
  readonly metrics?: readonly MetricFamily[]
}

export interface FakeTwin extends Twin {
  /** What was submitted and by whom, one element per call. */
  readonly calls: { readonly inputs: readonly unknown[]; readonly sender: Sender | undefined }[]
  readonly previewed: (readonly unknown[])[]
  /** Answers nothing until the returned function is called. */
  hold(): () => void
  /** A batch waits for its turn until the returned function is called. */
  fill(): () => void
  /** Resolves when the twin has been asked `count` times. */
  asked(count: number): Promise<void>
}

export function fakeTwin({
  judge = judgeShape,
  health = { ready: true },
  metrics = [],
}: FakeTwinOptions = {}): FakeTwin {
  const calls: FakeTwin['calls'] = []
  const previewed: (readonly unknown[])[] = []
  const watchers = new Set<() => void>()
  let held: Promise<void> | undefined
  let full: Promise<void> | undefined
  return {
    clock: { nowMs: NOW_MS },
    isBusy: false,
    calls,
    previewed,
    async submit(inputs, sender) {
      calls.push({ inputs, sender })
      for (const watch of watchers) watch()
      await held
      return inputs.map(judge)
    },
    backlog: () => full,
    fill: () =>
      untilCalled(promise => {
        full = promise
      }),
    async preview(inputs) {
      previewed.push(inputs)
      return inputs.map(judge)
    },
    foresee: async input => ({ outcome: judge(input), entries: [] }),
    erase: async () => ({ kind: 'unknown' }),
    erasure: () => undefined,
    opened: value => value,
    hold: () =>
      untilCalled(promise => {
        held = promise
      }),
    asked(count) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const watch = () => {
        if (calls.length < count) return
        watchers.delete(watch)
        resolve()
      }
      watchers.add(watch)
      watch()
      return promise
    },
    family: async () => undefined,
    rows: { size: 0, row: () => -1, id: () => '', headAt: () => 0 },
    families: async ids => ids.map(emptyFamily),
    attach: () => ({ head: 7, sections: undefined, tookUp: () => {}, leave: () => {} }),
    find: async () => ({ kind: 'none' }),
    entries: async () => [],
    orders: () => ({ orders: [], totalCount: 0, cursors: [], hasNext: false }),
    orderCounts: () => [],
    stateCounts: () => ({}),
    sources: () => [],
    quarantined: () => [],
    async *follow() {},
    positionText: position => String(position),
    head: () => ({ position: '7', hash: 'ab'.repeat(32) }),
    health: () => health,
    metrics: () => metrics,
    close: async () => {},
  }
}

/** Sets a promise; the returned function takes it away and resolves it. */
function untilCalled(set: (promise: Promise<void> | undefined) => void): () => void {
  const { promise, resolve } = Promise.withResolvers<void>()
  set(promise)
  return () => {
    set(undefined)
    resolve()
  }
}

function judgeShape(input: unknown): Outcome {
  const source = (input as { source?: unknown } | null)?.source
  const parsed = parseEvent(input, { id: String(source), role: 'wms', timeZone: 'UTC' }, NOW_MS)
  const id = (input as { id?: unknown } | null)?.id
  if ('event' in parsed) return { id: parsed.event.id, outcome: 'accepted', position: '1', version: 1 }
  return { id: typeof id === 'string' ? id : undefined, outcome: 'malformed', flaws: parsed.flaws }
}
