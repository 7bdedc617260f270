// OpenCauses: what is open and wanted, one row a cause. There may be a quarter of a million of them, and nobody else may have to wait
// meanwhile: others have their turn in between, and only rows that are shown are put in order, and know who shares their cause.
// Owns: the causes of one question.   Does not own: what is open (engine/exceptions/watch.ts): it is taken as it was when it was asked.
import { isOnlyOne, type OrderException } from '../../engine/exceptions/condition.ts'
import type { OpenException, OpenList } from '../../engine/exceptions/open-list.ts'
import { othersTurn } from '../../engine/others-turn.ts'
import { putInto } from '../../engine/projections/first-items.ts'
import { compareInList, type ExceptionRow, isBehind, type RowPlace, rowOfCause } from '../views/exceptions.ts'

// 4,096: a millisecond or two, as what comes meanwhile takes.
const SLICE = 4_096

/** What is told of a cause is the worst that is wanted; its orders are those of all that share the cause, wanted or not. */
export interface CauseRow extends ExceptionRow<OpenException> {
  /** All that is wanted of the cause, worst first. */
  readonly selected: readonly OpenException[]
}

type IsWanted = (exception: OpenException) => boolean

/** What does not change while it is gone through. */
type Open = Pick<OpenList, 'at' | 'length'>

const at = (open: Open, index: number): OpenException => open.at(index) as OpenException

export class OpenCauses {
  private readonly open: Open
  private readonly isWanted: IsWanted
  /** Where in `open` the worst is that is wanted of each cause. */
  private readonly firsts: readonly number[]

  private constructor(open: Open, isWanted: IsWanted, firsts: readonly number[]) {
    this.open = open
    this.isWanted = isWanted
    this.firsts = firsts
  }

  /** Those of `open` that are wanted. */
  static async of(open: Open, isWanted: IsWanted): Promise<OpenCauses> {
    const firstOf = new Map<string, number>()
    await inSlices(open.length, index => {
      const exception = at(open, index)
      if (!isWanted(exception)) return
      const { cause } = exception
      const known = firstOf.get(cause)
      if (known === undefined || compareInList(exception, at(open, known)) < 0) firstOf.set(cause, index)
    })
    return new OpenCauses(open, isWanted, [...firstOf.values()])
  }

  get count(): number {
    return this.firsts.length
  }

  /** What is told of each cause, in no order. */
  each(visit: (first: OpenException) => void): Promise<void> {
    const { firsts, open } = this
    return inSlices(firsts.length, index => visit(at(open, firsts[index] as number)))
  }

  /** At most `most` rows, worst first, of all or of those behind `place`; and whether others come after them. */
  async worst(
    most: number,
    place?: RowPlace,
  ): Promise<{ readonly rows: readonly CauseRow[]; readonly hasMore: boolean }> {
    const worst: OpenException[] = []
    let count = 0
    await this.each(first => {
      if (place !== undefined && !isBehind(first, place)) return
      count++
      putInto(worst, first, { most, compare: compareInList })
    })
    return { rows: await this.rowsOf(worst), hasMore: count > most }
  }

  private async rowsOf(firsts: readonly OpenException[]): Promise<readonly CauseRow[]> {
    const sharing = await sharingCauses(firsts, this.open)
    return firsts.map(first => {
      const members = sharing.get(first.cause)?.sort(compareInList) ?? [first]
      return { ...rowOfCause(first, members), selected: members.filter(this.isWanted) }
    })
  }
}

/** Of each cause that others may share all of `open` that have it. */
export async function sharingCauses(
  firsts: readonly Pick<OrderException, 'cause' | 'family' | 'key'>[],
  open: Open,
): Promise<ReadonlyMap<string, OpenException[]>> {
  const sharing = new Map<string, OpenException[]>()
  for (const first of firsts) if (!isOnlyOne(first)) sharing.set(first.cause, [])
  if (sharing.size > 0)
    await inSlices(open.length, index => {
      const exception = at(open, index)
      sharing.get(exception.cause)?.push(exception)
    })
  return sharing
}

async function inSlices(count: number, visit: (index: number) => void): Promise<void> {
  for (let from = 0; from < count; from += SLICE) {
    if (from > 0) await othersTurn()
    const end = Math.min(count, from + SLICE)
    for (let index = from; index < end; index++) visit(index)
  }
}
