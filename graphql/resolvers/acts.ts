// Mutations of the order desk: assign, note, retry, discard, link, force; one at a time, or all that a filter selects.
import { wholeOf } from '../../engine/exceptions/open-list.ts'
import type { Outcome } from '../../engine/outcome.ts'
import { REASON_LENGTH_MAX } from '../../machines/events/desk-events.ts'
import { isoTime } from '../../machines/time.ts'
import { digestOf } from '../desk/act-events.ts'
import {
  type Act,
  actOn,
  cameOf,
  done,
  findRow,
  notDone,
  operatorOf,
  type Request,
  type Row,
  requestIdOf,
} from '../desk/acts.ts'
import type { GraphContext, Resolve } from '../graph-context.ts'
import { graphError, overLimit } from '../operations/graph-errors.ts'
import { type ExceptionView, exceptionId, exceptionView, rowOfCause } from '../views/exceptions.ts'
import { nodeRefOf } from '../views/ids.ts'
import { attributesOf, type EventFields } from './events.ts'
import { type ExceptionFilterInput, openCauses } from './exceptions.ts'
import { numberOf } from './finding.ts'
import { foreseen } from './foresight.ts'

interface Assignment extends Request {
  readonly team?: string | null
  readonly person?: string | null
}
interface Note extends Request {
  readonly text: string
}
interface Reason extends Request {
  readonly reason: string
}

const assigned = ({ person, team, ...request }: Assignment): Act => ({
  ...request,
  type: 'exception.assigned',
  data: { ...(team == null ? {} : { team }), ...(person == null ? {} : { person }) },
})
const noted = ({ text, ...request }: Note): Act => ({ ...request, type: 'exception.noted', data: { text } })
const retried = ({ reason, ...request }: Reason): Act => ({ ...request, type: 'exception.retried', data: { reason } })
const discarded = ({ reason, ...request }: Reason): Act => ({
  ...request,
  type: 'exception.discarded',
  data: { reason },
})

type One = { readonly id: string }

/** Acts on one exception; answers what came of it, and about what it was. */
async function once({ id }: One, act: Act, context: GraphContext) {
  const row = await findRow(id, context)
  const [outcome] = await actOn({ rows: [row], act, isOne: true }, context)
  return { row, outcome: outcome as Outcome }
}

/** The exception as it is afterwards. */
async function changed(args: One, act: Act, context: GraphContext): Promise<ExceptionView> {
  const { outcome, row: before } = await once(args, act, context)
  done(outcome)
  const { desk } = context.graph
  const { exception, isOpen, members } = await findRow(args.id, context)
  const handling = await desk.handling(exception.family, exception.key)
  // What closed it closed it in all of them.
  const row = rowOfCause({ ...exception, handling }, isOpen ? members : before.members)
  return exceptionView({ ...row, state: isOpen ? 'changed' : 'closed' }, desk.nowMs())
}

export const assignException: Resolve<unknown, One & Assignment> = (_, { id, ...args }, context) =>
  changed({ id }, assigned(args), context)
export const noteException: Resolve<unknown, One & Note> = (_, { id, ...args }, context) =>
  changed({ id }, noted(args), context)
export const discardException: Resolve<unknown, One & Reason> = (_, { id, ...args }, context) =>
  changed({ id }, discarded(args), context)
export const retryException: Resolve<unknown, One & Reason> = async (_, { id, ...args }, context) =>
  cameOf((await once({ id }, retried(args), context)).outcome)

interface Selection {
  readonly where: ExceptionFilterInput
}

/** Every row the filter selects now, worst first, and what stands for just what it selects of each. */
async function selected(args: Selection, context: GraphContext) {
  const { bulkMax } = context.graph.limits
  const causes = await openCauses(args, context)
  if (causes.count > bulkMax) throw overLimit('TOO_MANY_SELECTED', 'bulk', { most: bulkMax, found: causes.count })
  const { rows } = await causes.worst(bulkMax)
  return { rows, token: `${rows.length}-${digestOf(rows.flatMap(row => row.selected.map(exceptionId)))}` }
}

export const exceptionSelection: Resolve<unknown, Selection> = async (_, args, context) => {
  const { rows, token } = await selected(args, context)
  return {
    count: rows.length,
    withEvent: rows.filter(({ exception }) => wholeOf(exception).event !== undefined).length,
    token,
  }
}

interface Bulk extends Selection {
  readonly token: string
}

/** Acts on what the filter selects and on nothing else, where that is what it selected when the token was given; one outcome a row. */
async function onAll({ token, where }: Bulk, act: Act, context: GraphContext) {
  const now = await selected({ where }, context)
  if (now.token !== token)
    throw graphError('SELECTION_CHANGED', `${now.rows.length} now`, { extensions: { count: now.rows.length } })
  const rows = now.rows.map(
    ({ exception, selected }): Row => ({
      exception: wholeOf(exception),
      members: selected.map(wholeOf),
      isOpen: true,
    }),
  )
  const outcomes = await actOn({ rows, act, isOne: false }, context)
  return rows.map(({ exception }, index) => ({
    id: exceptionId(exception),
    outcome: cameOf(outcomes[index] as Outcome),
  }))
}

export const assignExceptions: Resolve<unknown, Bulk & Assignment> = (_, { token, where, ...args }, context) =>
  onAll({ token, where }, assigned(args), context)
export const noteExceptions: Resolve<unknown, Bulk & Note> = (_, { token, where, ...args }, context) =>
  onAll({ token, where }, noted(args), context)
export const retryExceptions: Resolve<unknown, Bulk & Reason> = (_, { token, where, ...args }, context) =>
  onAll({ token, where }, retried(args), context)
export const discardExceptions: Resolve<unknown, Bulk & Reason> = (_, { token, where, ...args }, context) =>
  onAll({ token, where }, discarded(args), context)

interface Link extends Request {
  readonly ref: string
  readonly to: string
  readonly reason: string
  readonly count?: number | null
}

function linkEvent({ count, reason, ref, to, ...request }: Link, context: GraphContext) {
  const target = nodeRefOf(to)
  if (target === undefined) throw graphError('UNKNOWN_REFERENCE', 'to is the id of no order, shipment or return')
  const { actor, family } = target
  const { kind, number } = numberOf(ref)
  return {
    id: requestIdOf(request, context),
    source: operatorOf(request, context),
    type: 'reference.linked',
    subject: `order/${family}`,
    time: isoTime(context.twin.clock.nowMs),
    data: {
      number,
      family,
      actor,
      reason,
      ...(kind === undefined ? {} : { kind }),
      ...(count == null ? {} : { count }),
    },
  }
}

/** What came of each event that waited; where nothing was linked, why not. */
const linkedOutcomes = (outcome: Outcome): readonly Outcome[] => (notDone(outcome) ? [outcome] : (outcome.led ?? []))

export const linkReference: Resolve<unknown, Link> = async (_, args, context) => {
  const [outcome] = await context.twin.submit([linkEvent(args, context)], context.sender)
  return context.counted(linkedOutcomes(outcome as Outcome))
}

export const linkPreview: Resolve<unknown, Pick<Link, 'by' | 'ref' | 'to'>> = async (_, args, context) => {
  const event = linkEvent({ ...args, reason: 'preview' }, context)
  const [outcome] = await context.twin.preview([event], context.sender)
  const outcomes = linkedOutcomes(outcome as Outcome)
  return { count: outcome?.outcome === 'accepted' ? outcomes.length : 0, outcomes: context.counted(outcomes) }
}

interface Force {
  readonly event: EventFields
  readonly reason: string
}

function whyOf({ reason }: Force): string {
  const why = reason.trim()
  if (why !== '' && why.length <= REASON_LENGTH_MAX) return why
  throw graphError('BAD_ARGUMENT', `reason has 1 to ${REASON_LENGTH_MAX} characters`)
}

export const forceTransition: Resolve<unknown, Force> = async (_, args, { sender, twin }) =>
  (await twin.submit([attributesOf(args.event)], sender, whyOf(args)))[0]

export const forcePreview: Resolve<unknown, Force> = (_, args, context) =>
  foreseen(attributesOf(args.event), whyOf(args), context)
