// Global ids: opaque texts, base64url of what they stand for. Pure.
import type { ActorKey } from '../../machines/ids.ts'

export interface NodeRef {
  readonly family: string
  readonly actor: ActorKey
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url')
export const decoded = (text: string): string => Buffer.from(text, 'base64url').toString()

export const nodeId = ({ family, actor }: NodeRef): string => encoded(JSON.stringify([actor, family]))

/** What a global id stands for; undefined when it is none of ours. */
export function nodeRefOf(id: string): NodeRef | undefined {
  const parts = listIn(decoded(id))
  if (parts?.length !== 2 || !parts.every(part => typeof part === 'string')) return undefined
  const [actor, family] = parts as [string, string]
  return { actor, family }
}

/** The list a JSON text holds; undefined where it holds none. */
export function listIn(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
