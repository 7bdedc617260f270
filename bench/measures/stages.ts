// Stages: how much of a processor profile each stage of an event's way took. A sample belongs to the innermost of its frames whose file
// stands below: what many use (packing, hashes, records, Node) counts where it was called from. Pure.
import type { Profiler } from 'node:inspector'

/** Files by the beginning of their path from the project's root; the stages in an event's order. */
const STAGES = {
  http: ['graphql/http/', 'graphql/server', 'connectors/'],
  validate: ['machines/event', 'machines/sources'],
  find: [
    'engine/batch.ts',
    'engine/directory.ts',
    'engine/families.ts',
    'engine/family-codec.ts',
    'engine/loader.ts',
    'engine/meaning.ts',
    'engine/projections/event-ids.ts',
    'engine/references.ts',
    'engine/snapshots/',
    'engine/targets.ts',
  ],
  seal: ['engine/sealing/'],
  step: [
    'engine/amounts.ts',
    'engine/attempt.ts',
    'engine/fold.ts',
    'engine/judge.ts',
    'engine/ownership.ts',
    'engine/past.ts',
    'engine/transition.ts',
    'machines/order/',
    'machines/return/',
    'machines/shipment/',
  ],
  documents: ['engine/document', 'engine/waking.ts'],
  entry: ['engine/entry.ts', 'engine/unit.ts'],
  pack: ['engine/entry-codec.ts'],
  write: ['engine/journal/'],
  project: ['engine/derived.ts', 'engine/projections/'],
  answer: ['engine/answers.ts', 'engine/outcome.ts'],
  watch: ['engine/companions.ts', 'engine/exceptions/', 'engine/kpis/'],
  loop: ['engine/decid', 'engine/engine.ts', 'engine/inbox.ts', 'engine/reading-ahead.ts'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** `collector`: V8's, as far as the program waits for it; `node`: what belongs to no stage, sockets above all. */
export type Stage = keyof typeof STAGES | 'collector' | 'node'

export const STAGE_NAMES: readonly Stage[] = [...(Object.keys(STAGES) as Stage[]), 'node', 'collector']

export interface Stages {
  /** Microseconds by stage. */
  readonly us: Readonly<Record<Stage, number>>
  /** Nothing to do, or something of the bench's own: it starts its client. */
  readonly idleUs: number
}

/** `root`: URL of the project's root, with its last slash. */
export function stagesOf({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile, root: string): Stages {
  const us = Object.fromEntries(STAGE_NAMES.map(stage => [stage, 0])) as Record<Stage, number>
  const parents = new Map(nodes.flatMap(({ children = [], id }) => children.map(child => [child, id] as const)))
  const own = new Map(nodes.map(({ callFrame, id }) => [id, ownStage(callFrame, root)]))
  let idleUs = 0
  samples.forEach((sample, index) => {
    const tookUs = timeDeltas[index] ?? 0
    let at: number | undefined = sample
    while (at !== undefined && own.get(at) === undefined) at = parents.get(at)
    const stage = (at === undefined ? undefined : own.get(at)) ?? 'node'
    if (stage === 'idle') idleUs += tookUs
    else us[stage] += tookUs
  })
  return { us, idleUs }
}

/** What the frame says by itself; undefined where its caller must. */
function ownStage(
  { functionName, url }: Profiler.Profile['nodes'][number]['callFrame'],
  root: string,
): Stage | 'idle' | undefined {
  if (functionName === '(idle)') return 'idle'
  if (functionName === '(garbage collector)') return 'collector'
  if (!url.startsWith(root)) return undefined
  const path = url.slice(root.length)
  if (path.startsWith('bench/')) return 'idle'
  return BEGINNINGS.find(([beginning]) => path.startsWith(beginning))?.[1]
}

export const BEGINNINGS: readonly (readonly [string, Stage])[] = Object.entries(STAGES).flatMap(([stage, beginnings]) =>
  beginnings.map(beginning => [beginning, stage as Stage] as const),
)
