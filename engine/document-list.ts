// Documents: which papers a family has seen, and what each said (C5). Immutable.

/**
 * Name (kind/number), digest, name, digest … An empty digest: it turned out to be another's. A list, as a family has a few, and
 * a dictionary of them would take four times the memory with each new one.
 */
export type Documents = readonly string[]
export const NO_DOCUMENTS: Documents = []

/** What the document of that name said; undefined where it is not known, or turned out to be another's. */
export function digestOf(documents: Documents, name: string): string | undefined {
  const place = placeOf(documents, name)
  return place < 0 ? undefined : documents[place + 1] || undefined
}

export const namesOf = (documents: Documents): readonly string[] => documents.filter((_, index) => index % 2 === 0)

/** `documents` with those of `more`. */
export function withDocuments(documents: Documents, more: Documents): Documents {
  if (more.length === 0) return documents
  let all = documents
  for (let at = 0; at < more.length; at += 2) {
    const [name, digest] = [more[at] as string, more[at + 1] as string]
    const place = placeOf(all, name)
    // Not by a push, which keeps room for sixteen more; nor by `concat`, which takes five times as long.
    all = place < 0 ? [...all, name, digest] : all.with(place + 1, digest)
  }
  return all
}

function placeOf(documents: Documents, name: string): number {
  for (let at = 0; at < documents.length; at += 2) if (documents[at] === name) return at
  return -1
}
