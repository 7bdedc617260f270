// Erasure: the mutation that ends what is known of people in one order, and what tells that it was done.
import type { Erasure } from '../../engine/sealing/erasure.ts'
import type { GraphContext, Resolve, Resolvers } from '../graph-context.ts'
import { graphError } from '../operations/graph-errors.ts'
import type { OrderView } from '../views/actors.ts'

// 1,000: more than any reason needs; it is kept for ever.
const REASON_LENGTH_MAX = 1_000

interface EraseArguments {
  readonly ref: string
  readonly reason: string
  readonly by: string
}

export const eraseOrder: Resolve<unknown, EraseArguments> = async (_, { by, reason, ref }, { graph, twin }) => {
  if (reason.trim() === '' || reason.length + by.length > REASON_LENGTH_MAX)
    throw graphError('BAD_ARGUMENT', `reason and by are given, and have at most ${REASON_LENGTH_MAX} characters`)
  const outcome = await twin.erase({ ref, by, reason })
  graph.channels.clear()
  switch (outcome.kind) {
    case 'erased':
      return erasureView(outcome.erasure, twin)
    case 'unknown':
      throw graphError('UNKNOWN_REFERENCE')
    case 'ambiguous':
      throw graphError('AMBIGUOUS_REFERENCE', outcome.families.join(', '))
    case 'unavailable':
      throw graphError('UNAVAILABLE', outcome.reason)
  }
}

const erasureView = ({ atMs, by, family, position, reason }: Erasure, twin: GraphContext['twin']) => ({
  order: family,
  at: atMs,
  by,
  reason,
  position: twin.positionText(position),
})

export const orderErasure: Resolvers = {
  erasure: ({ family }: OrderView, _, { twin }) => {
    const erasure = twin.erasure(family.id)
    return erasure && erasureView(erasure, twin)
  },
}
