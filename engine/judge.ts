// Judge: what one event does to one family. Pure.
// It is judged on the facts known now. Where that says no and facts of later places are known, it is judged as of its own
// place and each place since (domain C2): what happened later forbids nothing that happened before.
import { ABSENT, attempt, type Case, type Judged } from './attempt.ts'
import type { Family } from './family.ts'
import { type Fact, moments } from './fold.ts'
import type { Steppers } from './transition.ts'

export { type Steppers, steppersOf } from './transition.ts'

export type Judgement =
  | Judged
  /** Legal as of then, but no step from here leads there: what it makes is only seen by folding the family anew. */
  | { readonly kind: 'afresh' }

/** Judges `it` in `family`. `facts` gives the family's facts by place; it is asked only when they matter. */
export function judge(steppers: Steppers, family: Family, it: Case, facts: () => readonly Fact[]): Judgement {
  const now = attempt({ steppers, family, known: family, mode: 'judge' }, it)
  if (now.kind === 'moved' || it.event.place > family.lastPlace) return now
  let best = now.obstacle
  for (const then of moments({ steppers, known: family }, facts(), it.event.place)) {
    const tried = attempt({ steppers, family: then, known: family, mode: 'judge' }, it)
    if (tried.kind === 'moved') {
      const assumed = attempt({ steppers, family, known: family, mode: 'assume' }, it)
      return assumed.kind === 'moved' ? assumed : { kind: 'afresh' }
    }
    if (tried.obstacle.verdict === 'waits' && tried.obstacle.code !== ABSENT && best.verdict !== 'waits')
      best = tried.obstacle
  }
  return { kind: 'obstacle', obstacle: best }
}
