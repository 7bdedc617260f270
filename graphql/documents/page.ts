// GET /: a page for people, saying where everything is, with queries to copy. Nothing is loaded from elsewhere.
import type { FastifyInstance } from 'fastify'

interface Example {
  readonly title: string
  readonly query: string
}

const EXAMPLES: readonly Example[] = [
  {
    title: 'The newest orders, and what is next for each',
    query:
      '{ orders(first: 10) { totalCount nodes { number customer state { lifecycle fulfilment } nextActions { event owner blockedBy { reason } } } } }',
  },
  {
    title: 'How many orders there are in each state',
    query: '{ orderCounts(by: [lifecycle, fulfilment]) { lifecycle fulfilment count } }',
  },
  {
    title: 'The order statechart: who owns each move',
    query:
      '{ statechart(kind: order) { regions { region states { state count } } transitions { event source target owner } } }',
  },
]

const PLACES: readonly (readonly [path: string, words: string])[] = [
  ['/graphql', 'GraphQL: queries by GET or POST, subscriptions by WebSocket (graphql-transport-ws)'],
  ['/graphql/schema.graphql', 'The GraphQL schema'],
  ['/v1/openapi.json', 'OpenAPI: POST /v1/events and all else over HTTP'],
  ['/v1/asyncapi.json', 'AsyncAPI: the events'],
  ['/v1/head', 'Where the journal ends'],
  ['/readyz', 'Whether events are taken'],
  ['/metrics', 'Prometheus metrics'],
]

const STYLE = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem}
dt{margin-top:.6rem}dd{margin:0}pre{padding:.8rem;border:1px solid #8885;border-radius:.4rem;overflow-x:auto}`

export function pageRoute(app: FastifyInstance): void {
  const page = pageHtml()
  const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
  app.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', policy).send(page),
  )
}

function pageHtml(): string {
  const places = PLACES.map(([path, words]) => `<dt><a href="${path}">${path}</a></dt><dd>${escaped(words)}</dd>`)
  const examples = EXAMPLES.map(
    ({ title, query }) =>
      `<p><a href="/graphql?query=${encodeURIComponent(query)}">${escaped(title)}</a></p><pre>${escaped(query)}</pre>`,
  )
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ordertwin</title>
<style>${STYLE}</style></head>
<body><h1>Ordertwin</h1>
<p>The live twin of an order network. It records what each system reports, checks it, and tells who watches.</p>
<h2>Where things are</h2><dl>${places.join('')}</dl>
<h2>Queries to start with</h2>${examples.join('')}
</body></html>
`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
