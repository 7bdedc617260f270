// From a business reference or an id to what it names. Nothing found is undefined; several are an error that lists them.
import { entityText } from '../../engine/answers.ts'
import { type Family, waitingFamilyId } from '../../engine/family.ts'
import { holdersIn } from '../../engine/references.ts'
import { retiredText } from '../../engine/retiring/retirement.ts'
import type { Found, Twin } from '../../engine/twin.ts'
import { parseSubject, type ReferenceKind } from '../../machines/event.ts'
import type { EntityKind } from '../../machines/ids.ts'
import { kindOf, ORDER_KEY } from '../../machines/ids.ts'
import { isoTime } from '../../machines/time.ts'
import type { GraphContext } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import { type ActorView, actorView, actorViews, type OrderView, orderView } from '../views/actors.ts'
import { nodeId, nodeRefOf } from '../views/ids.ts'

export async function findOrder(ref: string, { twin }: GraphContext): Promise<OrderView | undefined> {
  const found = holdersOf(unlessRetired(await twin.find(ref), twin))
  if (found.length > 1)
    throw ambiguous(
      ref,
      found.flatMap(({ family }) => candidatesIn(family, ref)),
    )
  const family = found[0]?.family
  return family === undefined ? undefined : orderView(family)
}

/** The actor of `kind` that holds the reference; else the only one of the order that does. */
export async function findActor(kind: EntityKind, ref: string, { twin }: GraphContext): Promise<ActorView | undefined> {
  const found = holdersOf(unlessRetired(await twin.find(ref), twin))
  const direct = found.flatMap(({ family, actors }) =>
    actors.filter(key => kindOf(key) === kind).flatMap(key => actorView(family, key) ?? []),
  )
  const views = direct.length > 0 ? direct : found.flatMap(({ family }) => actorViews(family, kind))
  if (views.length > 1) throw ambiguous(ref, views.map(candidateOf))
  return views[0]
}

/** Every shipment that holds the reference: of a consignment's number, each order's part. */
export async function findShipments(ref: string, { twin }: GraphContext): Promise<readonly ActorView[]> {
  return holdersOf(unlessRetired(await twin.find(ref), twin)).flatMap(({ family, actors }) => {
    const direct = actors.filter(key => kindOf(key) === 'shipment').flatMap(key => actorView(family, key) ?? [])
    return direct.length > 0 ? direct : actorViews(family, 'shipment')
  })
}

/** What a reference says: a number, of one kind or of any. */
export function numberOf(ref: string): { readonly number: string; readonly kind?: ReferenceKind } {
  const named = parseSubject(`ref/${ref}`)
  return named?.kind === 'reference' ? { number: named.number, kind: named.reference } : { number: ref }
}

export async function findNode(id: string, context: GraphContext): Promise<ActorView | undefined> {
  const ref = nodeRefOf(id)
  const family = ref === undefined ? undefined : await context.family(ref.family)
  return ref === undefined || family === undefined ? undefined : actorView(family, ref.actor)
}

/** The family whose history a reference leads to: of an order, of one that was retired, or of what waits under the number. */
export async function findHistory(ref: string, context: GraphContext): Promise<string> {
  const found = await context.twin.find(ref)
  const [only, another] = found.kind === 'retired' ? found.orders : []
  if (only !== undefined && another === undefined) return only.id
  const order = await findOrder(ref, context)
  return order?.family.id ?? waitingFamilyId(numberOf(ref).number)
}

const holdersOf = (found: Found) => (found.kind === 'found' ? found.holders : [])

/** Throws where it leads to orders that were retired, and says what is still known of them. */
function unlessRetired(found: Found, twin: Twin): Found {
  if (found.kind !== 'retired') return found
  const orders = found.orders.map(each => ({
    order: each.id,
    at: isoTime(each.atMs),
    position: twin.positionText(each.position),
    closedForDays: each.closedForDays,
    lastRecordedAt: isoTime(each.lastRecordedMs),
    states: Object.fromEntries(
      Object.entries(each.actors).map(([key, { state }]) => [entityText(key, each.id), state]),
    ),
  }))
  const [first] = found.orders
  throw graphError('RETIRED', first && retiredText(first.id, first), {
    extensions: { retired: orders.slice(0, CANDIDATES_MAX) },
  })
}

interface Candidate {
  /** For `node`. */
  readonly id: string
  readonly order: string
  readonly entity: string
  /** Names this one and no other, where there is such a reference. */
  readonly ref: string
  readonly customer: string
}

const candidateOf = ({ family, key, kind, order, context }: ActorView): Candidate => ({
  id: nodeId({ family: family.id, actor: key }),
  order: family.id,
  entity: entityText(key, family.id),
  ref: `${kind}/${(context as { number?: string }).number ?? family.id}`,
  customer: order.customer,
})

function candidatesIn(family: Family, ref: string): readonly Candidate[] {
  const view = orderView(family)
  if (view === undefined) return []
  return holdersIn(family, numberOf(ref)).map(holder => ({
    id: nodeId({ family: family.id, actor: ORDER_KEY }),
    order: family.id,
    entity: entityText(holder.actor, family.id),
    ref: `order/${family.id}`,
    customer: view.order.customer,
  }))
}

// 20: enough for a person to choose from; a consignment may hold a hundred orders.
const CANDIDATES_MAX = 20

const ambiguous = (ref: string, candidates: readonly Candidate[]) =>
  graphError('AMBIGUOUS_REFERENCE', `${candidates.length} hold ${ref}`, {
    extensions: { candidates: candidates.slice(0, CANDIDATES_MAX) },
  })
