// `ordertwin card REF`: where an order is and what must be done, as text to be read aloud. From the store, or from a server.
import { defineCommand } from 'citty'
import { cardOf } from '../../engine/card/card.ts'
import { cardText } from '../../engine/card/card-text.ts'
import { type Policies, policiesWith } from '../../engine/deadlines/policies.ts'
import { factsOf } from '../../engine/exceptions/facts.ts'
import { ledgerOf } from '../../engine/exceptions/ledger.ts'
import { steppersOf } from '../../engine/judge.ts'
import { retiredText } from '../../engine/retiring/retirement.ts'
import type { Twin } from '../../engine/twin.ts'
import { CHARTS } from '../../machines/charts.ts'
import { readConfig } from '../config.ts'
import { Refused } from '../exit.ts'
import { openExisting } from '../store.ts'

export const card = defineCommand({
  meta: { name: 'card', description: 'Say where an order is and what must be done' },
  args: {
    ref: { type: 'positional', required: true, description: 'Order id, or any business number', valueHint: 'REF' },
    url: { type: 'string', description: 'Ask this server instead of opening the store', valueHint: 'URL' },
    config: { type: 'string', description: 'Configuration file (default ordertwin.config.ts)', valueHint: 'FILE' },
  },
  async run({ args }) {
    if (args.url !== undefined) return console.log(await servedCard(args.url, args.ref, fetch))
    const config = await readConfig(args.config, process.env)
    const twin = await openExisting(config)
    try {
      console.log(await cardOfOrder(twin, args.ref, policiesWith(config.policies)))
    } finally {
      await twin.close()
    }
  },
})

/** The card of the one order `ref` means. Throws Refused when it means none, or several. */
export async function cardOfOrder(twin: Twin, ref: string, policies: Policies): Promise<string> {
  const found = await twin.find(ref)
  if (found.kind === 'none') throw new Refused(`nothing here has the number ${ref}`)
  if (found.kind === 'retired') throw new Refused(found.orders.map(order => retiredText(order.id, order)).join('\n'))
  const [only, another] = found.holders
  const ids = found.holders.map(holder => holder.family.id)
  if (only === undefined || another !== undefined)
    throw new Refused(`${ref} means more than one order: ${ids.join(', ')}`)
  const { family } = only
  const entries = await twin.entries(family.id, { after: 0, first: Number.MAX_SAFE_INTEGER })
  const heard = twin.sources().map(({ lastEventMs, source }) => ({ source, lastEventMs }))
  const steppers = steppersOf(CHARTS)
  const drawn = cardOf(factsOf(family, ledgerOf(entries)), { policies, nowMs: twin.clock.nowMs, steppers, heard })
  if (drawn === undefined) throw new Refused(`${ref} has no order yet`)
  return twin.opened(cardText(drawn).join('\n'))
}

const QUERY = 'query($ref: String!) { order(ref: $ref) { card { text } } }'

interface Answer {
  readonly data?: { readonly order: { readonly card: { readonly text: string } } | null } | null
  readonly errors?: readonly { readonly message: string }[]
}

/** The same, asked of a running server. */
export async function servedCard(url: string, ref: string, post: typeof fetch): Promise<string> {
  const response = await post(new URL('/graphql', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: QUERY, variables: { ref } }),
  })
  const { data, errors } = (await response.json()) as Answer
  if (errors !== undefined) throw new Refused(errors.map(({ message }) => message).join('\n'))
  if (data?.order == null) throw new Refused(`nothing there has the number ${ref}`)
  return data.order.card.text
}
