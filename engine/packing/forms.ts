// Forms: the member names of records that entries and families have over and over, each as one byte. The list only grows, at
// its end, as words do (words.ts); a record with other members, or in another order, is written with its names.
//
// A form is a literal that asks for its values in order: V8 makes objects of literals several times as fast, and smaller, than
// of names one after another.

/** Makes a record of this form. `v` gives the next value. */
export type Form = (v: () => unknown) => Readonly<Record<string, unknown>>

export const FORMS: readonly Form[] = [
  v => ({ line: v(), quantity: v() }),
  v => ({ event: v(), place: v(), atMs: v(), where: v() }),
  v => ({ amount: v(), per: v() }),
  v => ({ line: v(), item: v(), unit: v(), precision: v(), unitPrice: v(), ordered: v(), place: v() }),
  v => ({ place: v(), allocated: v(), backordered: v(), node: v(), expectedAt: v(), parts: v() }),
  v => ({ node: v(), allocated: v(), backordered: v(), expectedAt: v() }),
  v => ({ line: v(), item: v(), quantity: v(), unit: v(), unitPrice: v() }),
  v => ({ line: v(), allocated: v(), node: v() }),
  v => ({ name: v(), street: v(), city: v(), country: v() }),
  v => ({ city: v(), country: v() }),
  v => ({ kind: v(), amountMinor: v() }),
  v => ({ customer: v(), company: v(), poNumber: v(), currency: v(), shipTo: v(), terms: v(), lines: v() }),
  v => ({ erpNumber: v(), company: v() }),
  v => ({ shipment: v(), node: v(), service: v(), lines: v() }),
  v => ({ shipment: v(), node: v(), place: v(), amounts: v() }),
  v => ({ shipTo: v(), service: v(), promisedAt: v(), carrier: v() }),
  v => ({ task: v(), lines: v() }),
  v => ({ lines: v(), carrier: v(), tracking: v(), freightMinor: v() }),
  v => ({ place: v(), amounts: v() }),
  v => ({ tracking: v(), place: v() }),
  v => ({ tracking: v(), proof: v(), place: v() }),
  v => ({ place: v(), atMs: v(), amounts: v(), signedBy: v() }),
  v => ({ invoice: v(), company: v(), lines: v(), charges: v(), amountMinor: v(), currency: v() }),
  v => ({ amountMinor: v(), charges: v(), company: v(), postedMs: v(), amounts: v() }),
  v => ({ payment: v(), invoice: v(), amountMinor: v() }),
  v => ({ carton: v(), tracking: v(), lines: v(), weightGrams: v() }),
  v => ({ place: v(), carton: v(), tracking: v(), trackingPlace: v(), amounts: v(), amountsPlace: v() }),
  v => ({ place: v(), reasons: v() }),
  v => ({ code: v(), reason: v(), owner: v(), waitsFor: v(), locked: v() }),
  v => ({ line: v(), quantity: v(), unit: v() }),
  v => ({ line: v(), quantity: v(), unit: v(), order: v() }),
  v => ({ line: v(), item: v(), quantity: v(), unit: v() }),
  v => ({ name: v(), street: v(), city: v(), region: v(), postalCode: v(), country: v() }),
  v => ({ name: v(), street: v(), city: v(), region: v(), postalCode: v(), country: v(), phone: v(), email: v() }),
  v => ({ invoicePolicy: v(), overTolerancePercent: v(), underTolerancePercent: v() }),
  v => ({ shipment: v(), node: v(), lines: v() }),
  v => ({ place: v(), state: v() }),
  v => ({ kind: v(), place: v(), atMs: v(), remark: v() }),
  v => ({ place: v(), kind: v(), ask: v() }),
  v => ({ event: v(), place: v(), atMs: v(), reason: v() }),
  v => ({ sinceMs: v(), untilMs: v(), code: v(), reason: v(), waitsFor: v() }),
  v => ({ event: v(), owner: v() }),
  v => ({ code: v(), reason: v() }),
]

export const FORM_NAMES: readonly (readonly string[])[] = FORMS.map(form => Object.keys(form(() => undefined)))
