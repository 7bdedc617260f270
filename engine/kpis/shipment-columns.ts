// ShipmentColumns: what the measures need of every shipment, in columns: twenty-five bytes each. The shipments of an order
// are a chain of slots; who keeps the orders keeps the first slot of each. Slots that are given back are used again.

import { isSame } from '../packing/same.ts'
import type { SectionContent } from '../snapshots/checkpoint-file.ts'
import { Column, Seconds, Words } from './columns.ts'
import type { ShipmentRecord } from './order-record.ts'

const TIMES = ['releasedMs', 'acknowledgedMs', 'leftMs', 'deliveredMs'] as const
const HAD_TROUBLE = 1
const NUL = '\0'

interface Scope extends Pick<ShipmentRecord, 'node' | 'service' | 'carriers'> {}

export class ShipmentColumns {
  private readonly times = {
    releasedMs: new Seconds(),
    acknowledgedMs: new Seconds(),
    leftMs: new Seconds(),
    deliveredMs: new Seconds(),
  }
  private readonly scope = new Column('word')
  private readonly flags = new Column('byte')
  /** The slot after this one in its chain, or among the free ones; 0 at the end. Slot 0 is none. */
  private readonly next = new Column('word')
  private slots = 1
  private free = 0
  /** Node, service and carriers, which never hold NUL: few combinations, each kept once. */
  private readonly scopes = new Words()
  private readonly parsed: Scope[] = []

  /** The shipments whose chain begins at `first`. */
  chain(first: number): readonly ShipmentRecord[] {
    const found: ShipmentRecord[] = []
    for (let slot = first; slot !== 0; slot = this.next.get(slot)) {
      const { acknowledgedMs, deliveredMs, leftMs, releasedMs } = this.times
      const { carriers, node, service } = this.scopeAt(this.scope.get(slot))
      found.push({
        node,
        service,
        carriers,
        releasedMs: releasedMs.getMs(slot) ?? 0,
        acknowledgedMs: acknowledgedMs.getMs(slot),
        leftMs: leftMs.getMs(slot),
        deliveredMs: deliveredMs.getMs(slot),
        hadTrouble: this.flags.get(slot) === HAD_TROUBLE,
      })
    }
    return found
  }

  /** Whether the chain at `first` has shipments of the same scope that were released, left and were delivered when `shipments` were. */
  hasSameLegs(first: number, shipments: readonly ShipmentRecord[]): boolean {
    const { deliveredMs, leftMs, releasedMs } = this.times
    let slot = first
    for (const shipment of shipments) {
      if (slot === 0) return false
      const { node, service } = this.scopeAt(this.scope.get(slot))
      if (node !== shipment.node || service !== shipment.service) return false
      if (!releasedMs.isAt(slot, shipment.releasedMs) || !leftMs.isAt(slot, shipment.leftMs)) return false
      if (!deliveredMs.isAt(slot, shipment.deliveredMs)) return false
      slot = this.next.get(slot)
    }
    return slot === 0
  }

  /** Puts `shipments` in place of the chain at `first`; the new first slot, 0 for none. */
  replace(first: number, shipments: readonly ShipmentRecord[]): number {
    let slot = first
    let last = 0
    let start = 0
    for (const shipment of shipments) {
      const taken = slot === 0 ? this.take() : slot
      slot = slot === 0 ? 0 : this.next.get(slot)
      this.write(taken, shipment)
      if (last === 0) start = taken
      else this.next.set(last, taken)
      last = taken
    }
    if (last !== 0) this.next.set(last, 0)
    while (slot !== 0) {
      const after = this.next.get(slot)
      this.next.set(slot, this.free)
      this.free = slot
      slot = after
    }
    return start
  }

  get bytes(): number {
    return Object.values(this.columns()).reduce((sum, column) => sum + column.bytes, 0)
  }

  saved(): { readonly columns: Readonly<Record<string, SectionContent>>; readonly rest: ShipmentsRest } {
    const { free, scopes, slots } = this
    const columns = Object.entries(this.columns()).map(([name, column]) => [name, column.saved(slots)] as const)
    return { columns: Object.fromEntries(columns), rest: { free, slots, scopes: scopes.saved() } }
  }

  /** False where a column is missing. */
  load(sections: Readonly<Record<string, Uint8Array>>, { free, scopes, slots }: ShipmentsRest): boolean {
    for (const [name, column] of Object.entries(this.columns())) {
      const bytes = sections[name]
      if (bytes === undefined) return false
      column.load(bytes)
    }
    this.scopes.load(scopes)
    this.slots = slots
    this.free = free
    return true
  }

  private columns(): Readonly<Record<string, Column>> {
    const times = TIMES.map(time => [`shipment.${time}`, this.times[time].column] as const)
    return {
      ...Object.fromEntries(times),
      'shipment.scope': this.scope,
      'shipment.flags': this.flags,
      'shipment.next': this.next,
    }
  }

  private take(): number {
    if (this.free === 0) return this.slots++
    const slot = this.free
    this.free = this.next.get(slot)
    this.next.set(slot, 0)
    return slot
  }

  private write(slot: number, shipment: ShipmentRecord): void {
    const { acknowledgedMs, deliveredMs, leftMs, releasedMs } = this.times
    releasedMs.setMs(slot, shipment.releasedMs)
    acknowledgedMs.setMs(slot, shipment.acknowledgedMs)
    leftMs.setMs(slot, shipment.leftMs)
    deliveredMs.setMs(slot, shipment.deliveredMs)
    if (!isSameScope(this.scopeAt(this.scope.get(slot)), shipment)) this.scope.set(slot, this.scopeNumber(shipment))
    this.flags.set(slot, shipment.hadTrouble ? HAD_TROUBLE : 0)
  }

  private scopeNumber({ carriers, node, service }: Scope): number {
    return this.scopes.number([node, service ?? '', ...carriers].join(NUL))
  }

  private scopeAt(number: number): Scope {
    const known = this.parsed[number]
    if (known !== undefined) return known
    const [node = '', service = '', ...carriers] = this.scopes.word(number).split(NUL)
    const scope = { node, service: service === '' ? undefined : service, carriers }
    this.parsed[number] = scope
    return scope
  }
}

const isSameScope = (a: Scope, b: Scope): boolean =>
  a.node === b.node && a.service === b.service && isSame(a.carriers, b.carriers)

/** What no column holds. */
export interface ShipmentsRest {
  readonly slots: number
  readonly free: number
  readonly scopes: readonly string[]
}
