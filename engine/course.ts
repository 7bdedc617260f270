// Course: how a family came to be, fact by fact in order of place. Pure; worked out once for all that is judged by it, and no
// further than anybody asks.
import type { Place } from '../machines/ids.ts'
import type { Family } from './family.ts'
import { type Fact, Fold, type FoldOptions } from './fold.ts'

interface State {
  readonly family: Family
  /** The fact it was applied with. */
  readonly place: Place
  /** The fact, by number, whose coming let it be applied: itself, unless it waited for its actor. */
  readonly by: number
}

export class Course {
  private readonly fold: Fold
  private readonly facts: readonly Fact[]
  private readonly states: State[] = []
  /** Facts up to here have been put into the fold. */
  private put = 0

  /** `facts` by place. They are applied, not judged: each was legal once. */
  constructor(options: FoldOptions, facts: readonly Fact[]) {
    this.fold = new Fold(options)
    this.facts = facts
  }

  /**
   * The family as it was just before `place`, then after each later fact, the one at `place` itself included where it counts: whom it
   * took a number from had that number then. Facts of before `place` are always in; of those behind it that waited for an actor each
   * makes a moment of its own.
   */
  *since(place: Place): Generator<Family> {
    const first = this.factsUntil(place)
    let index = this.statesBy(first)
    yield this.states[index - 1]?.family ?? this.fold.empty
    for (; this.has(index); index++) {
      const next = this.has(index + 1) ? this.states[index + 1] : undefined
      const state = this.states[index] as State
      if (next === undefined || next.by !== state.by || next.place > place) yield state.family
    }
  }

  /** How many facts stand before `place`. */
  private factsUntil(place: Place): number {
    let [low, high] = [0, this.facts.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.facts[middle] as Fact).event.place >= place) high = middle
      else low = middle + 1
    }
    return low
  }

  /** How many states the first `count` facts make. */
  private statesBy(count: number): number {
    while (this.put < count) this.putNext()
    let [low, high] = [0, this.states.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.states[middle] as State).by >= count) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Whether there is a state at `index`; applies facts until there is. */
  private has(index: number): boolean {
    while (this.states.length <= index && this.put < this.facts.length) this.putNext()
    return index < this.states.length
  }

  private putNext(): void {
    const by = this.put++
    const fact = this.facts[by] as Fact
    const before = this.fold.family
    this.fold.put(fact)
    // A correction has made the family anew.
    if (this.fold.family !== before) this.note(fact, by)
    for (let applied = this.fold.next(); applied !== undefined; applied = this.fold.next()) this.note(applied, by)
  }

  private note({ event: { place } }: Fact, by: number): void {
    this.states.push({ family: this.fold.family, place, by })
  }
}
