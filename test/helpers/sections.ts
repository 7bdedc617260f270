// Sections of a checkpoint, as who reads it gets them.
import type { SectionContent } from '../../engine/snapshots/checkpoint-file.ts'

export const writtenOut = (content: SectionContent): Uint8Array =>
  Buffer.concat(content instanceof Uint8Array ? [content] : [...content])

export const allWrittenOut = (sections: Readonly<Record<string, SectionContent>>): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(sections).map(([name, content]) => [name, writtenOut(content)]))
