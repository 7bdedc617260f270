// The order desk in tests: a world that hears events at once, and what is wrong in it at one clock time.
import { DEFAULT_POLICIES, type Policies } from '../../engine/deadlines/policies.ts'
import type { OrderException, Surroundings } from '../../engine/exceptions/condition.ts'
import { conditionsOf, openAt } from '../../engine/exceptions/exceptions.ts'
import { factsOf } from '../../engine/exceptions/facts.ts'
import { type ExceptionPeriod, exceptionHistory } from '../../engine/exceptions/history.ts'
import { ledgerOf } from '../../engine/exceptions/ledger.ts'
import type { EventInput } from '../../machines/event.ts'
import { at, SOURCES } from './distributor.ts'
import { MemoryWorld } from './memory-world.ts'

export const msAt = (clock: string | number): number => Date.parse(at(clock))

export interface Desk {
  readonly world: MemoryWorld
  say(...events: readonly EventInput[]): readonly string[]
  facts(family: string): ReturnType<typeof factsOf>
  /** Open in `family` at a clock time of the day tests play on. */
  open(family: string, clock: string | number): readonly OrderException[]
  kinds(family: string, clock: string | number): readonly string[]
  history(family: string, clock: string | number): readonly ExceptionPeriod[]
}

export function desk(policies: Policies = DEFAULT_POLICIES, more: Partial<Surroundings> = {}): Desk {
  const world = new MemoryWorld({ sources: SOURCES, once: true })
  const around: Surroundings = { policies, ...more }
  const facts = (family: string) => factsOf(world.family(family), ledgerOf(world.history(family)))
  const open = (family: string, clock: string | number) =>
    openAt(conditionsOf(facts(family), around), { family, nowMs: msAt(clock), policies })
  return {
    world,
    facts,
    open,
    // Recorded when it happened: the world's clock walks along with what it hears, as a twin's does.
    say: (...events) =>
      events.map(event => {
        world.nowMs = Math.max(world.nowMs === LATE_MS ? 0 : world.nowMs, Date.parse(event.time))
        return world.submit(event).outcome
      }),
    kinds: (family, clock) =>
      open(family, clock)
        .map(({ kind }) => kind)
        .sort(),
    history: (family, clock) => exceptionHistory(world.history(family), around, msAt(clock)),
  }
}

// Where MemoryWorld's clock stands before anything was said.
const LATE_MS = Date.UTC(2027, 0, 15)
