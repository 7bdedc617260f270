// Quantities for readers: whole numbers of base units as exact decimals of the unit. Pure.
import type { OrderContext, OrderLine } from '../../machines/order/context.ts'
import { lineIndex } from '../../machines/order/context.ts'
import { type Amount, COLUMNS, type Column, quantityOf } from '../../machines/quantities.ts'

/** 12500 at precision 3 → "12.500". */
export function decimalText(base: number, precision: number): string {
  if (precision === 0) return String(base)
  const digits = String(Math.abs(base)).padStart(precision + 1, '0')
  const split = digits.length - precision
  return `${base < 0 ? '-' : ''}${digits.slice(0, split)}.${digits.slice(split)}`
}

/** The columns readers see: those of domain §4. */
export const SHOWN_COLUMNS: readonly Column[] = COLUMNS.filter(name => name !== 'damaged' && name !== 'returning')

export const baseQuantitiesOf = (order: OrderContext, index: number): Readonly<Record<string, number>> =>
  Object.fromEntries(SHOWN_COLUMNS.map(column => [column, quantityOf(order.quantities, index, column)]))

/** Each of `base` as a decimal. */
export const decimalsOf = (
  base: Readonly<Record<string, number>>,
  precision: number,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(base).map(([name, value]) => [name, decimalText(value, precision)]))

export const orderLineOf = (order: OrderContext, line: string): OrderLine | undefined =>
  order.lines[lineIndex(order, line)]

export interface LineAmountView {
  readonly line: string
  readonly unit: string
  readonly quantity: string
  readonly baseQuantity: number
}

export const lineAmount =
  (order: OrderContext) =>
  ({ line, quantity }: Amount): LineAmountView => {
    const known = orderLineOf(order, line)
    return {
      line,
      unit: known?.unit ?? 'EA',
      quantity: decimalText(quantity, known?.precision ?? 0),
      baseQuantity: quantity,
    }
  }
