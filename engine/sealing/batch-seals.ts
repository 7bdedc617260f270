// BatchSeals: keys as the decisions of one batch see them. An event may be decided more than once before it is written (D1):
// who was given a key in this batch has the same one all through it.
import type { EventInput } from '../../machines/event.ts'
import type { Base } from '../derived.ts'
import type { Family } from '../family.ts'
import { NotLoaded } from '../world.ts'
import { PREVIEW_KEY } from './keyring.ts'
import type { Seals } from './seals.ts'
import type { KeyOwner } from './token.ts'

export class BatchSeals implements Seals {
  private readonly base: Pick<Base, 'erasures' | 'keyring'>
  private readonly isPreview: boolean
  private readonly taken = new Map<string, number>()

  constructor(base: Pick<Base, 'erasures' | 'keyring'>, isPreview: boolean) {
    this.base = base
    this.isPreview = isPreview
  }

  orderKey({ id, key }: Family): number | undefined {
    if (this.base.erasures.has(id)) return undefined
    return key ?? this.keyFor(id)
  }

  eventKey({ id, source }: Pick<EventInput, 'id' | 'source'>, family: Family): number | undefined {
    return this.base.erasures.has(family.id) ? undefined : this.keyFor(`${source}\0${id}`)
  }

  seal(owner: KeyOwner, key: number, value: unknown): string {
    return this.base.keyring.seal(owner, key, value)
  }

  open(token: string): { readonly value: unknown } | undefined {
    return this.base.keyring.tokenValue(token)
  }

  private keyFor(name: string): number {
    if (this.isPreview) return PREVIEW_KEY
    const known = this.taken.get(name)
    if (known !== undefined) return known
    const key = this.base.keyring.take()
    // Twice as many as the batch has taken so far: the next attempt gets further.
    if (key === undefined) throw new NotLoaded({ keys: 2 * this.taken.size + 16 })
    this.taken.set(name, key)
    return key
  }
}
