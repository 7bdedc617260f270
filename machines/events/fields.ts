// The field shapes that event schemas share. Every schema is made for one time zone: local times in the data are read in it.
import { z } from 'zod'
import { textFlaw } from '../plain-data.ts'
import { momentMs } from '../time.ts'
import { personal } from './personal.ts'
import { UNREAD, withReading } from './reading.ts'

// 256: longer than any business number we have seen in EDI (X12 REF02 allows 80), short enough to index.
const TEXT_LENGTH_MAX = 256
const REMARK_LENGTH_MAX = 4_000
/** 50,000 lines is the largest order we have seen discussed; a document beyond it is split by its sender. */
const LINES_MAX = 50_000

// Numbers become keys of records: names every object has already are none (`constructor`, `toString`, `__proto__` …).
const RESERVED: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(Object.prototype))
// None is as short as most numbers are, nor begins with a digit or a capital: hashing each text would cost more than all else.
const RESERVED_LENGTH_MIN = Math.min(...Array.from(RESERVED, name => name.length))
const RESERVED_BEGINS_MIN = Math.min(...Array.from(RESERVED, name => name.charCodeAt(0)))
const isReserved = (name: string): boolean =>
  name.length >= RESERVED_LENGTH_MIN && name.charCodeAt(0) >= RESERVED_BEGINS_MIN && RESERVED.has(name)

const isTextWithin = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' && value.length <= lengthMax && textFlaw(value) === undefined
const textSchema = () =>
  withReading(
    z
      .string()
      .min(1)
      .max(TEXT_LENGTH_MAX)
      .refine(value => !isReserved(value), 'is a reserved name'),
    value => (isTextWithin(value, TEXT_LENGTH_MAX) && value.length > 0 && !isReserved(value) ? value : UNREAD),
  )
const longTextSchema = () =>
  withReading(z.string().max(REMARK_LENGTH_MAX), value => (isTextWithin(value, REMARK_LENGTH_MAX) ? value : UNREAD))

/** A business number, code or name: never empty. What no text may hold (plain-data.ts) leaves it unread. */
export const text = textSchema()
/** Tracking numbers: one, most often, or several. */
export const trackings = z.union([text, z.array(text).min(1)])
/** What an item is called: nobody writes of people here. */
export const description = longTextSchema()
/** Whatever tells who or where a person is, kept sealed (E12). */
export const personalText = personal(textSchema())
export const personalLongText = personal(longTextSchema())
/** What a person wrote: it may name others. */
export const remark = personalLongText
const CURRENCY = /^[A-Z]{3}$/
export const currency = withReading(z.string().regex(CURRENCY, 'must be an ISO 4217 code such as USD'), value =>
  typeof value === 'string' && CURRENCY.test(value) ? value : UNREAD,
)
/** Integer minor units (cents). */
export const minor = withReading(z.int(), value => (Number.isSafeInteger(value) ? value : UNREAD))
export const minorPositive = withReading(z.int().min(0), value =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? value : UNREAD,
)
const QUANTITY_MAX = 1e12
const isWithin = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= QUANTITY_MAX
/** A quantity in the unit the sender uses; it must come out exact in the line's base unit. */
export const quantity = withReading(z.number().positive().max(QUANTITY_MAX), value =>
  isWithin(value) && value > 0 ? value : UNREAD,
)
export const quantityOrZero = withReading(z.number().min(0).max(QUANTITY_MAX), value =>
  isWithin(value) ? value : UNREAD,
)

/** A moment in the data, epoch milliseconds after parsing (machines/time.ts). */
export const moment = (zone: string) =>
  withReading(
    z.string().transform((value, context) => {
      const ms = momentMs(value, zone)
      if (ms !== undefined) return ms
      context.addIssue({
        code: 'custom',
        message: 'must be RFC 3339 (2026-11-21T10:00:00+01:00), a local time or a date',
      })
      return z.NEVER
    }),
    value => (typeof value === 'string' ? (momentMs(value, zone) ?? UNREAD) : UNREAD),
  )

/** Region, city and postal code stay in clear: lanes and time zones need them, and without the street they name nobody. */
export const address = z.object({
  name: personalText.optional(),
  street: personalLongText.optional(),
  city: text.optional(),
  region: text.optional(),
  postalCode: text.optional(),
  country: text.optional(),
  phone: personalText.optional(),
  email: personalText.optional(),
  timeZone: text.optional(),
})
export type Address = z.output<typeof address>

/** Where a scan was made. */
export const scanPlace = z.object({
  name: text.optional(),
  city: text.optional(),
  country: text.optional(),
  timeZone: text.optional(),
})

/**
 * Quantity of one order line. `order` (its id, PO number or ERP number) is needed only where one document covers lines of several
 * orders.
 */
export const lineQuantity = z.object({ line: text, quantity, unit: text.optional(), order: text.optional() })
export type LineQuantity = z.output<typeof lineQuantity>
export const lineQuantities = z.array(lineQuantity).min(1).max(LINES_MAX)

const DECIMAL = /^-?\d{1,12}(\.\d{1,8})?$/
/** Price of one unit: a decimal string with any number of decimals, per 1, 100 or 1,000 base units. */
export const unitPrice = z.object({
  amount: withReading(z.string().regex(DECIMAL, 'must be a decimal number as text'), value =>
    typeof value === 'string' && DECIMAL.test(value) ? value : UNREAD,
  ),
  per: withReading(z.union([z.literal(1), z.literal(100), z.literal(1000)]), value =>
    value === 1 || value === 100 || value === 1000 ? value : UNREAD,
  ).default(1),
})

const percent = z.number().min(0).max(100)

/** Parsed data has one order of members, whatever order they were sent in: documents are compared by it (C5). */
const sortedByUnit = (conversions: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(conversions).sort(([a], [b]) => (a < b ? -1 : 1)))

/** What may be said of an order line. No defaults here: an amendment that leaves a field out does not change it. */
const lineFields = (zone: string) =>
  z.object({
    line: text,
    item: text,
    description: description.optional(),
    quantity: quantityOrZero,
    unit: text,
    precision: z.int().min(0).max(6),
    conversions: z.record(text, z.number().positive()).transform(sortedByUnit).optional(),
    unitPrice: unitPrice.optional(),
    shipTo: address.optional(),
    requestedAt: moment(zone).optional(),
    promisedAt: moment(zone).optional(),
    overTolerancePercent: percent.optional(),
    underTolerancePercent: percent.optional(),
  })
/** An order line as captured. Quantities keep `precision` decimals of `unit` (pieces 0, weight and length 3). */
export const orderLine = (zone: string) =>
  lineFields(zone).extend({ unit: text.default('EA'), precision: z.int().min(0).max(6).default(0) })
/** The fields of a line an amendment changes. */
export const lineAmendment = (zone: string) => lineFields(zone).partial().required({ line: true })
export type OrderLineInput = z.output<ReturnType<typeof orderLine>>
export const orderLines = (zone: string) =>
  z
    .array(orderLine(zone))
    .min(1)
    .max(LINES_MAX)
    .refine(lines => new Set(lines.map(each => each.line)).size === lines.length, 'line numbers must be unique')

/** A charge that is not a line: freight, fee, tax. */
export const charge = z.object({ kind: text, amountMinor: minor })

/** A carton with its own tracking number and, where known, its contents. */
export const carton = z.object({
  carton: text.optional(),
  tracking: text.optional(),
  lines: z.array(lineQuantity).optional(),
  weightGrams: z.number().min(0).optional(),
})
