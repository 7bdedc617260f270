// A return as readers see it. Pure.
import type { ReturnView } from './actors.ts'
import { decimalsOf, orderLineOf } from './quantities.ts'

export const returnLines = ({ context, order }: ReturnView) =>
  context.lines.map((line, index) => {
    const known = orderLineOf(order, line)
    const baseQuantities = {
      requested: context.requested[index] ?? 0,
      received: context.received[index] ?? 0,
      dispositioned: context.dispositioned[index] ?? 0,
      credited: context.credited[index] ?? 0,
    }
    return {
      ...decimalsOf(baseQuantities, known?.precision ?? 0),
      line,
      item: known?.item,
      unit: known?.unit ?? 'EA',
      condition: context.conditions[line],
      baseQuantities,
    }
  })

export const dispositionsOf = ({ context }: ReturnView) =>
  Object.entries(context.dispositions).map(([disposition, baseQuantity]) => ({ disposition, baseQuantity }))
