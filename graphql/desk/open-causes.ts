// OpenCauses: what is open and wanted, one row a cause. There may be a quarter of a million of them, and nobody else may have to wait
// meanwhile: others have their turn in between, and only rows that are shown are put in order.
// Owns: the causes of one question.   Does not own: what is open (engine/exceptions/watch.ts): it is taken as it was when it was asked.
import type { OpenException } from '../../engine/exceptions/open-exceptions.ts'
import { othersTurn } from '../../engine/others-turn.ts'
import { Cause, compareInList, type ExceptionRow, isBehind, type RowPlace } from '../views/exceptions.ts'

// 4,096: a millisecond or two, as what comes meanwhile takes.
const SLICE = 4_096

export class OpenCauses {
  private readonly causes: readonly Cause[]

  private constructor(causes: readonly Cause[]) {
    this.causes = causes
  }

  /** Those of `open` that are wanted. */
  static async of(
    open: readonly OpenException[],
    isWanted: (exception: OpenException) => boolean,
  ): Promise<OpenCauses> {
    const byCause = new Map<string, Cause>()
    await inSlices(open, exception => {
      if (!isWanted(exception)) return
      const known = byCause.get(exception.cause)
      if (known === undefined) byCause.set(exception.cause, new Cause(exception))
      else known.add(exception)
    })
    return new OpenCauses([...byCause.values()])
  }

  get count(): number {
    return this.causes.length
  }

  /** In no order. */
  each(visit: (cause: Cause) => void): Promise<void> {
    return inSlices(this.causes, visit)
  }

  /** At most `most` rows, worst first, of all or of those behind `place`; and whether others come after them. */
  async worst(
    most: number,
    place?: RowPlace,
  ): Promise<{ readonly rows: readonly ExceptionRow<OpenException>[]; readonly hasMore: boolean }> {
    const worst: Cause[] = []
    let count = 0
    await this.each(cause => {
      if (place !== undefined && !isBehind(cause.first, place)) return
      count++
      putInto(worst, cause, most)
    })
    return { rows: worst.map(cause => cause.row()), hasMore: count > most }
  }
}

/** Keeps `worst` in order, and no longer than `most`. */
function putInto(worst: Cause[], cause: Cause, most: number): void {
  if (worst.length === most) {
    const last = worst.at(-1)
    if (last === undefined || compareInList(cause.first, last.first) > 0) return
    worst.pop()
  }
  let [from, to] = [0, worst.length]
  while (from < to) {
    const middle = (from + to) >> 1
    if (compareInList((worst[middle] as Cause).first, cause.first) < 0) from = middle + 1
    else to = middle
  }
  worst.splice(from, 0, cause)
}

async function inSlices<Item>(items: readonly Item[], visit: (item: Item) => void): Promise<void> {
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await othersTurn()
    const end = Math.min(items.length, from + SLICE)
    for (let at = from; at < end; at++) visit(items[at] as Item)
  }
}
