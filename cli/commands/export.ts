// `ordertwin export FILE`: a range of the journal as OCEL 2.0 JSON.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { defineCommand } from 'citty'
import { parsePosition } from '../../engine/answers.ts'
import type { JournalEntry } from '../../engine/entry.ts'
import { EVENT_ENTRY, unpackEntry } from '../../engine/entry-codec.ts'
import { openSegmentJournal } from '../../engine/journal/segment-journal.ts'
import { readDataFolder } from '../config.ts'
import { WrongUsage } from '../exit.ts'
import { ocelOf } from '../ocel-export.ts'
import { expectStore, journalFolder } from '../store.ts'

const position = { type: 'string', valueHint: 'POSITION' } as const

export const exportCommand = defineCommand({
  meta: { name: 'export', description: 'Write what was recorded as OCEL 2.0 JSON' },
  args: {
    file: { type: 'positional', required: true, description: 'File to write', valueHint: 'FILE' },
    after: { ...position, description: 'Only what came after this position' },
    upto: { ...position, description: 'Only what came up to this position' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    const after = parsePosition(args.after ?? '0')
    const upTo = parsePosition(args.upto ?? 'zzzzzzzzzz')
    if (after === undefined || upTo === undefined) throw new WrongUsage('--after and --upto take positions')
    const data = await readDataFolder(undefined, args.config, process.env)
    expectStore(data)
    const journal = await openSegmentJournal({ directory: journalFolder(data), randomBytes })
    try {
      const entries: JournalEntry[] = []
      for await (const frames of journal.scan(after))
        for (const frame of frames)
          if (frame.kind === EVENT_ENTRY && frame.position <= upTo) entries.push(unpackEntry(frame))
      const log = ocelOf(entries)
      await writeFile(args.file, `${JSON.stringify(log)}\n`)
      console.log(`${log.events.length} events, ${log.objects.length} objects in ${args.file}`)
    } finally {
      await journal.close()
    }
  },
})
