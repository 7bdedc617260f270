// A shipment as readers see it. Pure.
import { placeMs } from '../../machines/ids.ts'
import {
  damagedOf,
  deliveredOf,
  endOf,
  leftOf,
  ownOf,
  type ShipmentContext,
  stepRank,
} from '../../machines/shipment/context.ts'
import type { ShipmentView } from './actors.ts'
import { decimalsOf, lineAmount, orderLineOf } from './quantities.ts'

/** `short`, `damaged`, `delayed` and `attempt_failed` by the states of their regions. */
export function conditionOf(regions: Readonly<Record<string, string>>) {
  const isOn = (flag: string) => regions[`condition.${flag}`] === 'on'
  const [short, damaged, delayed, attemptFailed] = ['short', 'damaged', 'delayed', 'attempt_failed'].map(isOn)
  return { isNormal: !(short || damaged || delayed || attemptFailed), short, damaged, delayed, attemptFailed }
}

export const shipToOf = ({ context, order }: ShipmentView) =>
  context.shipTo ?? context.instructions.shipTo ?? orderLineOf(order, context.lines[0] ?? '')?.shipTo ?? order.shipTo

export const promisedAtOf = ({ context, order }: ShipmentView): number | undefined =>
  context.promisedAt ?? context.instructions.promisedAt ?? order.promisedAt

export const serviceOf = ({ context, order }: ShipmentView): string | undefined =>
  context.service ?? context.instructions.service ?? order.serviceLevel

export const shipmentLines = ({ context, order }: ShipmentView) =>
  context.lines.map((line, index) => {
    const known = orderLineOf(order, line)
    const baseQuantities = {
      own: ownOf(context, index),
      short: context.short[index] ?? 0,
      picked: context.picked[index] ?? 0,
      shipped: hasLeft(context) ? leftOf(context, index) : 0,
      delivered: deliveredOf(context, index),
      damaged: damagedOf(context, index),
    }
    return {
      ...decimalsOf(baseQuantities, known?.precision ?? 0),
      line,
      item: known?.item,
      unit: known?.unit ?? 'EA',
      baseQuantities,
    }
  })

export const hasLeft = (context: ShipmentContext): boolean => stepRank(context.step) >= stepRank('shipped')

export const cartonsOf = ({ context, order }: ShipmentView) =>
  context.cartons.map(({ carton, tracking, amounts }) => ({
    carton,
    tracking,
    contents: amounts?.map(lineAmount(order)),
  }))

export const proofsOf = ({ context }: ShipmentView) =>
  Object.entries(context.deliveries).map(([tracking, { atMs, signedBy }]) => ({
    tracking: tracking === '*' ? undefined : tracking,
    at: atMs,
    signedBy,
  }))

export function endView({ context }: ShipmentView) {
  const end = endOf(context)
  return end === undefined ? undefined : { kind: end.kind, at: placeMs(end.place), reason: end.reason }
}

interface Dated {
  readonly event: string
  readonly atMs: number
}

/** Reports by time, their time as `at`. */
export const byTime = (reports: readonly Dated[]) =>
  [...reports].sort((a, b) => a.atMs - b.atMs).map(report => ({ ...report, at: report.atMs }))
