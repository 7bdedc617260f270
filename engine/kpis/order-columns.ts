// OrderColumns: what the measures need of every order, in columns: some fifty bytes an order, twenty-five a shipment, and no
// objects. Moments are whole seconds here. A row is a family's (twin.ts).
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { Column, Quantities, Seconds, Words } from './columns.ts'
import type { Leg } from './leg-counts.ts'
import { legsOf, type OrderRecord } from './order-record.ts'
import { ShipmentColumns, type ShipmentsRest } from './shipment-columns.ts'

const TIMES = ['capturedMs', 'acceptedMs', 'shippedMs', 'deliveredMs', 'invoicedMs', 'paidMs', 'promisedMs'] as const

// Bits of an order's flags; a row without the first holds no order.
const IS_ORDER = 1
const IS_FALLOUT = 2
const IS_PERFECT = 4
const IS_PROMISE_KEPT = 8
// 65,535 invoices of one order: more are not counted.
const COUNT_MAX = 0xffff

const NO_SHIPMENTS: OrderRecord['shipments'] = []

export class OrderColumns {
  private rows = 0
  private readonly times = {
    capturedMs: new Seconds(),
    acceptedMs: new Seconds(),
    shippedMs: new Seconds(),
    deliveredMs: new Seconds(),
    invoicedMs: new Seconds(),
    paidMs: new Seconds(),
    promisedMs: new Seconds(),
  }
  private readonly wanted = new Quantities()
  private readonly shipped = new Quantities()
  private readonly invoices = new Column('short')
  private readonly disputes = new Column('short')
  private readonly channel = new Column('word')
  private readonly company = new Column('word')
  private readonly stage = new Column('byte')
  private readonly flags = new Column('byte')
  private readonly firstShipment = new Column('word')
  private readonly shipments = new ShipmentColumns()
  private readonly channels = new Words()
  private readonly companies = new Words()
  private readonly stages = new Words()

  /** Notes what is known of the order in `row`; undefined where it holds none. */
  set(row: number, record: OrderRecord | undefined): void {
    // Time by time, here and in shipments: names that change at each turn are looked up at each.
    this.rows = Math.max(this.rows, row + 1)
    this.firstShipment.set(row, this.shipments.replace(this.firstShipment.get(row), record?.shipments ?? NO_SHIPMENTS))
    this.flags.set(row, record === undefined ? 0 : flagsOf(record))
    if (record === undefined) return
    const { times } = this
    times.capturedMs.setMs(row, record.capturedMs)
    times.acceptedMs.setMs(row, record.acceptedMs)
    times.shippedMs.setMs(row, record.shippedMs)
    times.deliveredMs.setMs(row, record.deliveredMs)
    times.invoicedMs.setMs(row, record.invoicedMs)
    times.paidMs.setMs(row, record.paidMs)
    times.promisedMs.setMs(row, record.promisedMs)
    this.wanted.set(row, record.wanted)
    this.shipped.set(row, record.shipped)
    this.invoices.set(row, Math.min(COUNT_MAX, record.invoices))
    this.disputes.set(row, Math.min(COUNT_MAX, record.disputes))
    this.channel.set(row, this.channels.number(record.channel))
    this.company.set(row, this.companies.number(record.company))
    this.stage.set(row, this.stages.number(record.stage))
  }

  /** Whether its shipments took as long as those of `record`, to the second: nothing is to be learned from it then. */
  hasSameLegs(row: number, record: OrderRecord | undefined): boolean {
    if (record === undefined) return this.flags.get(row) === 0
    if (this.flags.get(row) === 0) return record.shipments.length === 0
    if (!this.times.capturedMs.isAt(row, record.capturedMs)) return false
    return this.shipments.hasSameLegs(this.firstShipment.get(row), record.shipments)
  }

  /** The finished legs of what was noted. */
  legs(row: number): readonly Leg[] {
    if (this.flags.get(row) === 0) return legsOf()
    return legsOf({ capturedMs: this.capturedMs(row), shipments: this.shipments.chain(this.firstShipment.get(row)) })
  }

  /** What was noted, to the second; undefined where the row holds no order. */
  get(row: number): OrderRecord | undefined {
    const flags = this.flags.get(row)
    if (flags === 0) return undefined
    const ms = (time: (typeof TIMES)[number]) => this.times[time].getMs(row)
    return {
      channel: this.channels.word(this.channel.get(row)),
      company: this.companies.word(this.company.get(row)),
      capturedMs: ms('capturedMs') ?? 0,
      acceptedMs: ms('acceptedMs'),
      shippedMs: ms('shippedMs'),
      deliveredMs: ms('deliveredMs'),
      invoicedMs: ms('invoicedMs'),
      paidMs: ms('paidMs'),
      promisedMs: ms('promisedMs'),
      wanted: this.wanted.get(row),
      shipped: this.shipped.get(row),
      invoices: this.invoices.get(row),
      disputes: this.disputes.get(row),
      isFallout: (flags & IS_FALLOUT) !== 0,
      isPerfect: (flags & IS_PERFECT) !== 0,
      isPromiseKept: (flags & IS_PROMISE_KEPT) !== 0,
      stage: this.stages.word(this.stage.get(row)),
      shipments: this.shipments.chain(this.firstShipment.get(row)),
    }
  }

  /** Rows of the orders captured within the span. */
  *capturedWithin({ fromMs, toMs }: { fromMs: number; toMs: number }): Generator<number> {
    for (let row = 0; row < this.rows; row++) {
      const ms = this.flags.get(row) === 0 ? undefined : this.times.capturedMs.getMs(row)
      if (ms !== undefined && ms >= fromMs && ms < toMs) yield row
    }
  }

  capturedMs(row: number): number {
    return this.times.capturedMs.getMs(row) ?? 0
  }

  /** Rows of the orders that promised something and have not delivered yet. */
  *promised(): Generator<number> {
    const { deliveredMs, promisedMs } = this.times
    for (let row = 0; row < this.rows; row++) {
      const isGoingOn = (this.flags.get(row) & (IS_ORDER | IS_FALLOUT)) === IS_ORDER
      if (isGoingOn && promisedMs.getMs(row) !== undefined && deliveredMs.getMs(row) === undefined) yield row
    }
  }

  /** Memory of all columns. */
  get bytes(): number {
    return Object.values(this.columns()).reduce((sum, column) => sum + column.bytes, this.shipments.bytes)
  }

  /** Everything as it is now, by name. */
  saved(): Readonly<Record<string, SectionContent>> {
    const { channels, companies, rows, shipped, stages, wanted } = this
    const shipments = this.shipments.saved()
    const rest: Rest = {
      rows,
      channels: channels.saved(),
      companies: companies.saved(),
      stages: stages.saved(),
      wanted: wanted.beyond(),
      shipped: shipped.beyond(),
      shipments: shipments.rest,
    }
    const columns = Object.entries(this.columns()).map(([name, column]) => [name, column.saved(rows)] as const)
    return { ...Object.fromEntries(columns), ...shipments.columns, orders: Buffer.from(JSON.stringify(rest)) }
  }

  /** Takes on what `saved` gave. False where something is missing: nothing here may be believed then. */
  load(sections: Readonly<Record<string, Uint8Array>>): boolean {
    if (sections.orders === undefined) return false
    const rest = JSON.parse(Buffer.from(sections.orders).toString()) as Rest
    for (const [name, column] of Object.entries(this.columns())) {
      const bytes = sections[name]
      if (bytes === undefined) return false
      column.load(bytes)
    }
    this.rows = rest.rows
    this.channels.load(rest.channels)
    this.companies.load(rest.companies)
    this.stages.load(rest.stages)
    this.wanted.loadBeyond(rest.wanted)
    this.shipped.loadBeyond(rest.shipped)
    return this.shipments.load(sections, rest.shipments)
  }

  private columns(): Readonly<Record<string, Column>> {
    const times = TIMES.map(time => [`order.${time}`, this.times[time].column] as const)
    return {
      ...Object.fromEntries(times),
      'order.wanted': this.wanted.column,
      'order.shipped': this.shipped.column,
      'order.invoices': this.invoices,
      'order.disputes': this.disputes,
      'order.channel': this.channel,
      'order.company': this.company,
      'order.stage': this.stage,
      'order.flags': this.flags,
      'order.firstShipment': this.firstShipment,
    }
  }
}

/** What no column holds. */
interface Rest {
  readonly rows: number
  readonly channels: readonly string[]
  readonly companies: readonly string[]
  readonly stages: readonly string[]
  readonly wanted: readonly (readonly [number, number])[]
  readonly shipped: readonly (readonly [number, number])[]
  readonly shipments: ShipmentsRest
}

const flagsOf = ({ isFallout, isPerfect, isPromiseKept }: OrderRecord): number =>
  IS_ORDER | (isFallout ? IS_FALLOUT : 0) | (isPerfect ? IS_PERFECT : 0) | (isPromiseKept ? IS_PROMISE_KEPT : 0)
