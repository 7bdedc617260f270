// OpenList: what was open at one moment. It stays so while families settle, and nothing is made for those that rest before somebody looks
// at them: of a quarter of a million that would be tens of megabytes for each list.
import { grownLength, resized } from '../bytes.ts'
import type { OrderException } from './condition.ts'
import { eachPlace, RestingException } from './resting-exception.ts'
import type { Bytes, RowRecords } from './row-records.ts'
import type { SharedTexts } from './shared-texts.ts'

/** One that is open: what lists are filtered, grouped and sorted by can be asked of it; for all else there is `wholeOf`. */
export type OpenException = OrderException | RestingException

/** All of it. Of one that rests another object each time: two are told apart by family and key. */
export const wholeOf = (open: OpenException): OrderException => (open instanceof RestingException ? open.whole() : open)

/** How far into its bytes one that rests may begin. */
const BYTES_MAX = 2 ** 32

export class OpenList implements Iterable<OpenException> {
  readonly length: number
  private readonly objects: readonly OrderException[]
  private readonly shared: SharedTexts
  private readonly bytes: Bytes[] = []
  /** Of those that rest: which of `bytes`, times BYTES_MAX, and where in these. */
  private places: Float64Array<ArrayBuffer>

  constructor(objects: readonly OrderException[], resting: RowRecords, shared: SharedTexts) {
    this.objects = objects
    this.shared = shared
    this.places = new Float64Array(resting.size)
    this.length = objects.length + this.note(resting)
  }

  /** Of one that rests another object each time. */
  at(index: number): OpenException | undefined {
    const { bytes, objects, places, shared } = this
    if (index < objects.length) return objects[index]
    if (index >= this.length) return undefined
    const place = places[index - objects.length] as number
    return new RestingException(bytes[Math.floor(place / BYTES_MAX)] as Bytes, place >>> 0, shared)
  }

  *[Symbol.iterator](): Generator<OpenException> {
    for (let index = 0; index < this.length; index++) yield this.at(index) as OpenException
  }

  /** Where they are; how many. */
  private note(resting: RowRecords): number {
    let count = 0
    resting.each(record => {
      if (record.bytes !== this.bytes.at(-1)) this.bytes.push(record.bytes)
      const first = (this.bytes.length - 1) * BYTES_MAX
      eachPlace(record, at => {
        // There was room for one of each family.
        if (count === this.places.length) this.places = resized(this.places, grownLength(count, count + 1))
        this.places[count++] = first + at
      })
    })
    return count
  }
}
