// Connected systems: who they are and what they speak for (domain §1). Plain data, handed in by configuration.

export const ROLES = ['crm', 'channel', 'erp', 'wms', '3pl', 'tms', 'carrier', 'operator'] as const
export type Role = (typeof ROLES)[number]

/** One connected system. A scope list that is absent means "all that the configuration knows of". */
export interface Source {
  readonly id: string
  readonly role: Role
  readonly nodes?: readonly string[]
  readonly carriers?: readonly string[]
  readonly companies?: readonly string[]
  readonly customers?: readonly string[]
  /** IANA zone in which its local times are read. */
  readonly timeZone: string
  readonly profile?: SourceProfile
}

export interface SourceProfile {
  /** How long its events may wait parked before that is an exception; default 24 h. */
  readonly parkForMs?: number
  /** Whether `sequence` counts without gaps, so that a gap is worth noting. */
  readonly sequenceIsGapFree?: boolean
}

/** Whether a scope list names it: one that is absent names all. */
export const scopesInclude = (scopes: readonly string[] | undefined, name: string): boolean =>
  scopes === undefined || scopes.includes(name)

/** All sources, by id, with the scopes a lookup may use. */
export interface SourceBook {
  readonly byId: ReadonlyMap<string, Source>
  readonly nodes: readonly string[]
  readonly carriers: readonly string[]
  readonly companies: readonly string[]
}

export function sourceBook(sources: readonly Source[]): SourceBook {
  const union = (lists: readonly (readonly string[] | undefined)[]) =>
    [...new Set(lists.flatMap(list => list ?? []))].sort()
  return {
    byId: new Map(sources.map(source => [source.id, source])),
    nodes: union(sources.map(source => source.nodes)),
    carriers: union(sources.map(source => source.carriers)),
    companies: union(sources.map(source => source.companies)),
  }
}
