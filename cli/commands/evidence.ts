// `ordertwin evidence REF`: one order's history, signed and chained, for somebody who does not take our word for it.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCommand } from 'citty'
import { readConfig } from '../config.ts'
import { evidenceOf, signingKey } from '../evidence.ts'
import { openExisting } from '../store.ts'
import { historyOf } from './history.ts'

export const evidence = defineCommand({
  meta: {
    name: 'evidence',
    description: "Write an order's history as a signed package; docs/evidence/verify.mjs checks it",
  },
  args: {
    ref: { type: 'positional', required: true, description: 'Order id, or any business number', valueHint: 'REF' },
    out: { type: 'string', description: 'File to write; without it the package is printed', valueHint: 'FILE' },
    key: {
      type: 'string',
      description: "Ed25519 private key, PEM (default signing-key.pem in the store's folder, made when there is none)",
      valueHint: 'FILE',
    },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    const config = await readConfig(args.config, process.env)
    const twin = await openExisting(config)
    try {
      const entries = twin.opened(await historyOf(twin, args.ref))
      const order = entries[0]?.family ?? args.ref
      const key = await signingKey(args.key ?? join(config.data, 'signing-key.pem'))
      const text = `${JSON.stringify(evidenceOf(order, entries, { head: twin.head(), key }), null, 2)}\n`
      if (args.out === undefined) process.stdout.write(text)
      else await writeFile(args.out, text)
    } finally {
      await twin.close()
    }
  },
})
