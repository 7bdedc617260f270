// Poisoned: one exception for each family that was set aside (decision 0007). The journal does not tell of them: a family is
// set aside where it cannot be loaded or judged, until the store is opened again. So these close when it is.
import { ORDER_KEY } from '../../machines/ids.ts'
import type { Policies } from '../deadlines/policies.ts'
import type { SetAside, Twin } from '../twin.ts'
import { condition, exceptionOf, type OrderException } from './condition.ts'

export class Poisoned {
  private readonly byFamily = new Map<string, OrderException>()

  /** Those that were set aside since the last look. */
  look({ policies, twin }: { policies: Policies; twin: Pick<Twin, 'quarantined'> }): readonly OrderException[] {
    const families = twin.quarantined()
    if (families.length === this.byFamily.size) return []
    const fresh = families.filter(({ family }) => !this.byFamily.has(family)).map(each => poisonedBy(each, policies))
    for (const exception of fresh) this.byFamily.set(exception.family, exception)
    return fresh
  }

  get open(): Iterable<OrderException> {
    return this.byFamily.values()
  }

  of(family: string): OrderException | undefined {
    return this.byFamily.get(family)
  }
}

const poisonedBy = ({ family, reason, sinceMs }: SetAside, policies: Policies): OrderException =>
  exceptionOf(
    condition('poisoned', {
      actor: ORDER_KEY,
      opensMs: sinceMs,
      detail: `set aside, nothing of it is judged: ${reason}`,
    }),
    family,
    policies,
  )
