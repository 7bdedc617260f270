// Freshness: when each source was last heard, and each value that somebody owns last verified (domain §8). A source that has
// been silent for longer than its policy allows is stale, and so is what it alone could tell. Pure.
import { type ActorKey, kindOf, placeMs } from '../../machines/ids.ts'
import { type OwnerRule, rolesOf } from '../../machines/owners.ts'
import type { Source } from '../../machines/sources.ts'
import { type Policies, silentAfterMs } from '../deadlines/policies.ts'
import type { Facts, FactsWithLedger } from '../exceptions/facts.ts'
import type { Claim } from '../exceptions/ledger.ts'

/** When a source was last heard of anything, by the time of its newest event; undefined: never. */
export interface HeardSource {
  readonly source: Source
  readonly lastEventMs?: number
}

export interface SourceFreshness {
  readonly source: string
  /** What it said last of this order, its shipments and returns, by time. */
  readonly lastSaidMs: number
  readonly lastSaid: Claim
  /** When it was last heard of anything. */
  readonly lastHeardMs: number
  readonly isStale: boolean
}

export interface ValueFreshness {
  readonly actor: ActorKey
  readonly region: string
  readonly value: string
  readonly owner: OwnerRule
  /** Who said so last, and with what; undefined where nobody who owns it has spoken. */
  readonly source: string | undefined
  readonly event: string | undefined
  readonly position: number | undefined
  readonly verifiedMs: number | undefined
  readonly isStale: boolean
}

export interface FreshnessOptions {
  readonly nowMs: number
  readonly policies: Policies
  readonly heard: readonly HeardSource[]
}

/** Every source that has spoken of the family, by name. */
export function sourcesOf({ ledger }: FactsWithLedger, options: FreshnessOptions): readonly SourceFreshness[] {
  const last = new Map<string, Claim>()
  for (const claim of ledger.lastClaims()) {
    const known = last.get(claim.source)
    if (known === undefined || claim.place > known.place) last.set(claim.source, claim)
  }
  return [...last.values()]
    .sort((a, b) => (a.source < b.source ? -1 : 1))
    .map(claim => {
      const lastSaidMs = placeMs(claim.place)
      const lastHeardMs = Math.max(lastSaidMs, heardOf(claim.source, options)?.lastEventMs ?? 0)
      const isStale = isSilent(claim.source, lastHeardMs, options)
      return { source: claim.source, lastSaidMs, lastSaid: claim, lastHeardMs, isStale }
    })
}

const heardOf = (source: string, { heard }: FreshnessOptions) => heard.find(each => each.source.id === source)

/** Whether a source has been silent for longer than it may. */
export function isSilent(source: string, lastHeardMs: number, options: FreshnessOptions): boolean {
  const role = heardOf(source, options)?.source.role ?? ''
  const after = silentAfterMs(options.policies, { id: source, role })
  return after !== undefined && options.nowMs - lastHeardMs > after
}

/** Every value of the family that somebody owns. */
export function valuesOf(facts: FactsWithLedger, options: FreshnessOptions): readonly ValueFreshness[] {
  const spoken = sourcesOf(facts, options)
  return owned(facts).map(({ actor, owner, region, value }) => {
    const said = facts.ledger
      .lastCounted(actor)
      .filter(claim => isOwner(claim.source, owner, options))
      .filter(({ state }) => state === undefined || state === value)
      .sort((a, b) => (a.place < b.place ? 1 : -1))[0]
    const isStale =
      said === undefined ? owner !== 'twin' : (spoken.find(each => each.source === said.source)?.isStale ?? true)
    return {
      actor,
      region,
      value,
      owner,
      source: said?.source,
      event: said?.event,
      position: said?.position,
      verifiedMs: said === undefined ? undefined : placeMs(said.place),
      isStale,
    }
  })
}

const isOwner = (source: string, owner: OwnerRule, options: FreshnessOptions): boolean => {
  const role = heardOf(source, options)?.source.role
  return role !== undefined && rolesOf(owner).includes(role)
}

interface Owned {
  readonly actor: ActorKey
  readonly region: string
  readonly value: string
  readonly owner: OwnerRule
}

const REGIONS: Readonly<Record<string, readonly (readonly [string, OwnerRule])[]>> = {
  // What the order has is the twin's own sum: what nodes and transport said is told of its shipments.
  order: [
    ['lifecycle', 'erp'],
    ['credit', 'erp'],
    ['fulfilment', 'twin'],
    ['billing', 'erp'],
  ],
  return: [
    ['authorization', 'erp'],
    ['goods', 'node'],
    ['credit', 'erp'],
  ],
}

function owned({ order, returns, shipments }: Facts): readonly Owned[] {
  const regions = [...(order === undefined ? [] : [order]), ...returns].flatMap(({ key, states }) =>
    (REGIONS[kindOf(key)] ?? []).map(([region, owner], index) => ({
      actor: key,
      region,
      owner,
      value: states[index] ?? '',
    })),
  )
  const executions = shipments.map(({ hasLeft, key, states }): Owned => {
    const owner = hasLeft && states[0] !== 'shipped' ? 'transport' : 'node'
    return { actor: key, region: 'execution', owner, value: states[0] ?? '' }
  })
  return [...regions, ...executions]
}
