// Policies: how long each thing may take, as configuration (domain §7). Pure data and one look-up.
// A rule may name a source, a node, a service level or a carrier; of the rules that fit, the one that names most counts, of
// equal ones the last. A rule without `withinMs` says that nothing is owed: a 3PL that only sends a 945 acknowledges nothing.
import type { ExceptionKind, Severity } from '../exceptions/catalogue.ts'

export const DEADLINES = [
  'late_acceptance',
  'late_release',
  'release_blocked',
  'late_acknowledgement',
  'late_shipment',
  'missing_milestone',
  'missing_proof_of_delivery',
  'not_invoiced',
  'invoice_blocked',
  'received_not_credited',
  'cancel_pending',
  'change_pending',
  'unknown_subject',
  'source_disagreement',
] as const satisfies readonly ExceptionKind[]
export type DeadlineName = (typeof DEADLINES)[number]

/** What a rule may be narrowed to. */
export interface DeadlineScope {
  readonly source?: string
  readonly node?: string
  readonly serviceLevel?: string
  readonly carrier?: string
}

export interface DeadlineRule extends DeadlineScope {
  readonly deadline: DeadlineName
  /** Counted from the fact that starts it, by `time`; undefined: nothing is owed. */
  readonly withinMs?: number
}

/** How long a source, or all sources of a role, may be silent before what it says is stale. */
export interface SilenceRule {
  readonly source?: string
  readonly role?: string
  readonly afterMs: number
}

export interface Policies {
  readonly deadlines: readonly DeadlineRule[]
  readonly silence: readonly SilenceRule[]
  /** How long after it opened an exception should be settled. */
  readonly settleWithinMs: Readonly<Record<Severity, number>>
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** What an order desk would expect where nobody has configured anything else. */
export const DEFAULT_POLICIES: Policies = {
  deadlines: [
    { deadline: 'late_acceptance', withinMs: 4 * HOUR_MS },
    { deadline: 'late_release', withinMs: DAY_MS },
    // 15 minutes: systems that overtake each other do so by minutes; longer, and somebody should look.
    { deadline: 'release_blocked', withinMs: 15 * MINUTE_MS },
    { deadline: 'late_acknowledgement', withinMs: 4 * HOUR_MS },
    { deadline: 'late_shipment', withinMs: 2 * DAY_MS },
    { deadline: 'missing_milestone', withinMs: 2 * DAY_MS },
    { deadline: 'missing_proof_of_delivery', withinMs: DAY_MS },
    { deadline: 'not_invoiced', withinMs: DAY_MS },
    { deadline: 'invoice_blocked', withinMs: DAY_MS },
    { deadline: 'received_not_credited', withinMs: 5 * DAY_MS },
    { deadline: 'cancel_pending', withinMs: 4 * HOUR_MS },
    { deadline: 'change_pending', withinMs: 8 * HOUR_MS },
    { deadline: 'unknown_subject', withinMs: 15 * MINUTE_MS },
    { deadline: 'source_disagreement', withinMs: HOUR_MS },
  ],
  silence: [{ afterMs: DAY_MS }],
  settleWithinMs: { critical: HOUR_MS, high: 4 * HOUR_MS, medium: DAY_MS, low: 3 * DAY_MS },
}

/** The defaults, with rules that stand behind them and so win over equals. */
export const policiesWith = (more: Partial<Policies>): Policies => ({
  deadlines: [...DEFAULT_POLICIES.deadlines, ...(more.deadlines ?? [])],
  silence: [...DEFAULT_POLICIES.silence, ...(more.silence ?? [])],
  settleWithinMs: { ...DEFAULT_POLICIES.settleWithinMs, ...more.settleWithinMs },
})

/** How long `deadline` leaves in this scope; undefined where nothing is owed. */
export function withinMs(policies: Policies, deadline: DeadlineName, scope: DeadlineScope): number | undefined {
  for (const rule of rulesFor(policies, deadline)) if (fits(rule, scope)) return rule.withinMs
  return undefined
}

// Each policy's rules are sorted once: they are asked for at every look at every family.
const sortedRules = new WeakMap<Policies, Map<DeadlineName, readonly DeadlineRule[]>>()

/** The rules of one deadline, those that count first. */
function rulesFor(policies: Policies, deadline: DeadlineName): readonly DeadlineRule[] {
  let known = sortedRules.get(policies)
  if (known === undefined) {
    known = new Map()
    sortedRules.set(policies, known)
  }
  let rules = known.get(deadline)
  if (rules === undefined) {
    rules = policies.deadlines.filter(rule => rule.deadline === deadline).reverse()
    rules = rules.toSorted((a, b) => weight(b) - weight(a))
    known.set(deadline, rules)
  }
  return rules
}

// Name by name: names that change at each turn are looked up at each.
const fits = (rule: DeadlineScope, { carrier, node, serviceLevel, source }: DeadlineScope): boolean =>
  (rule.source === undefined || rule.source === source) &&
  (rule.node === undefined || rule.node === node) &&
  (rule.serviceLevel === undefined || rule.serviceLevel === serviceLevel) &&
  (rule.carrier === undefined || rule.carrier === carrier)

const SCOPES = ['source', 'node', 'serviceLevel', 'carrier'] as const
const weight = (rule: DeadlineScope): number => SCOPES.filter(name => rule[name] !== undefined).length

/** How long this source may be silent. A rule that names it wins over its role's, that over every system's; people may always. */
export function silentAfterMs(policies: Policies, { id, role }: { id: string; role: string }): number | undefined {
  const { silence } = policies
  const found =
    silence.findLast(rule => rule.source === id) ??
    silence.findLast(rule => rule.source === undefined && rule.role === role) ??
    silence.findLast(rule => rule.source === undefined && rule.role === undefined && role !== 'operator')
  return found?.afterMs
}
