// `ordertwin erase REF`: the end of what is known of people in one order. `ordertwin erasures FILE`: what was erased, as a list to
// keep beside backups: a restore does it again.
import { userInfo } from 'node:os'
import { defineCommand } from 'citty'
import type { EraseOutcome } from '../../engine/sealing/erasing.ts'
import { isoTime } from '../../machines/time.ts'
import { readConfig, readDataFolder } from '../config.ts'
import { recordedErasures, writeErasures } from '../erasures.ts'
import { Refused } from '../exit.ts'
import { expectStore, journalFolder, openExisting } from '../store.ts'

export const erase = defineCommand({
  meta: { name: 'erase', description: 'Destroy the key of everything personal that was said of an order' },
  args: {
    ref: { type: 'positional', required: true, description: 'Order id, or any business number', valueHint: 'REF' },
    reason: { type: 'string', required: true, description: 'Kept for ever: it must name nobody', valueHint: 'TEXT' },
    by: { type: 'string', description: 'Who has it done (default: the user of this machine)', valueHint: 'NAME' },
    url: { type: 'string', description: 'Ask this server instead of opening the store', valueHint: 'URL' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    const { reason, ref, url } = args
    const request = { ref, reason, by: args.by ?? userInfo().username }
    if (url !== undefined) return console.log(await servedErasure(url, request, fetch))
    const config = await readConfig(args.config, process.env)
    const twin = await openExisting(config)
    try {
      console.log(told(await twin.erase(request), ref))
    } finally {
      await twin.close()
    }
  },
})

export const erasures = defineCommand({
  meta: { name: 'erasures', description: 'Write the list of all erasures, to be kept beside backups' },
  args: {
    file: { type: 'positional', required: true, description: 'File to write', valueHint: 'FILE' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
    data: { type: 'string', description: "The store's folder", valueHint: 'DIR' },
  },
  async run({ args }) {
    const data = await readDataFolder(args.data, args.config, process.env)
    expectStore(data)
    const list = await recordedErasures(journalFolder(data))
    await writeErasures(args.file, list)
    console.log(`${list.length} erasures in ${args.file}`)
  },
})

function told(outcome: EraseOutcome, ref: string): string {
  switch (outcome.kind) {
    case 'erased':
      return erasedText(outcome.erasure.family, outcome.erasure.atMs)
    case 'unknown':
      throw new Refused(`nothing here has the number ${ref}`)
    case 'ambiguous':
      throw new Refused(`${ref} means more than one order: ${outcome.families.join(', ')}`)
    case 'unavailable':
      throw new Refused(outcome.reason)
  }
}

const erasedText = (order: string, atMs: number): string => `${order}: personal values erased at ${isoTime(atMs)}`

const MUTATION =
  'mutation($ref: String!, $reason: String!, $by: String) { eraseOrder(ref: $ref, reason: $reason, by: $by) { order at } }'

interface Answer {
  readonly data?: { readonly eraseOrder: { readonly order: string; readonly at: string } } | null
  readonly errors?: readonly { readonly message: string }[]
}

async function servedErasure(url: string, variables: object, post: typeof fetch): Promise<string> {
  const response = await post(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: MUTATION, variables }),
  })
  const { data, errors } = (await response.json()) as Answer
  if (errors !== undefined || data == null)
    throw new Refused((errors ?? []).map(({ message }) => message).join('\n') || 'the server gave no answer')
  return erasedText(data.eraseOrder.order, Date.parse(data.eraseOrder.at))
}
