// The card as text that a person reads aloud to a customer on the telephone. Pure.
import { assigneeOf } from '../exceptions/handling.ts'
import type { CardAction, CardLine, CardPart, OrderCard } from './card.ts'

/** Lines of text, without an end of line. */
export function cardText(card: OrderCard): readonly string[] {
  return [
    `Order ${card.order} of customer ${card.customer}, ${time(card.atMs)}`,
    '',
    `Where:     ${whereOf(card)}`,
    ...card.lines.map(line => `           ${lineText(line)}`),
    ...card.shipments.map(part => `           ${partText('shipment', part)}`),
    ...card.returns.map(part => `           ${partText('return', part)}`),
    ...section('To do:', actionText(card.action)),
    ...section('Because:', card.blockedBy.length === 0 ? ['nothing stands in its way'] : card.blockedBy),
    ...section(
      'Waiting:',
      card.waiting.map(({ event, reason }) => `${event.type} of ${event.source}: ${reason}`),
    ),
    ...section(
      'Reached:',
      card.milestones
        .filter(({ firstMs }) => firstMs !== undefined)
        .map(each => `${each.name} ${time(each.firstMs as number)}`),
    ),
    ...section(
      'Heard:',
      card.freshness.map(
        ({ isStale, lastHeardMs, lastSaid, lastSaidMs, source }) =>
          `${source}: ${lastSaid.event}, ${time(lastSaidMs)}${isStale ? `; STALE, silent since ${time(lastHeardMs)}` : ''}`,
      ),
    ),
  ]
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.map((line, index) => `${(index === 0 ? title : '').padEnd(11)}${line}`)

function whereOf({ sinceMs, states }: OrderCard): string {
  const [lifecycle = '', credit = '', fulfilment = '', billing = ''] = states.map(words)
  const since = sinceMs.fulfilment === undefined ? '' : ` since ${time(sinceMs.fulfilment)}`
  return `${lifecycle}, credit ${credit}, ${fulfilment}${since}, ${billing}`
}

function lineText({ delivered, item, line, ordered, precision, shipments, shipped, state, unit }: CardLine): string {
  const amount = (base: number) => `${(base / 10 ** precision).toFixed(precision)} ${unit}`
  const carried = shipments.length === 0 ? '' : `; in ${shipments.join(', ')}`
  return `line ${line} (${item}): ${words(state)}; ${amount(ordered)} ordered, ${amount(shipped)} shipped, ${amount(delivered)} delivered${carried}`
}

function partText(
  kind: string,
  { expectedMs, number, promisedMs, sinceMs, state, trackings, where }: CardPart,
): string {
  const parts = [`${kind} ${number}: ${words(state)} since ${time(sinceMs)}`]
  if (where !== '') parts.push(`at ${where}`)
  if (trackings.length > 0) parts.push(`tracking ${trackings.join(', ')}`)
  if (expectedMs !== undefined) parts.push(`expected ${time(expectedMs)}`)
  if (promisedMs !== undefined) parts.push(`promised ${time(promisedMs)}`)
  return parts.join(', ')
}

function actionText(action: CardAction | undefined): readonly string[] {
  if (action === undefined) return ['nothing: all is done']
  const whose = action.sources.length === 0 ? action.owner : `${action.owner} (${action.sources.join(', ')})`
  const due = action.dueMs === undefined ? '' : `, by ${time(action.dueMs)}`
  const assignee = assigneeOf(action.exception?.handling)
  const taken = assignee === undefined ? '' : `. Taken by ${assignee.person ?? assignee.team}`
  return [`${action.words}. It is the turn of ${whose}${due}${taken}`]
}

const words = (state: string): string => state.replaceAll('_', ' ')
const time = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
