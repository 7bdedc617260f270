import { readFileSync } from 'node:fs'
import { auditServer } from 'graphql-http'
import { describe, expect, it } from 'vitest'
import { SDL } from '../../graphql/executable-schema.ts'
import { GRAPH_ERRORS } from '../../graphql/operations/graph-errors.ts'
import { fakeTwin } from '../helpers/fake-twin.ts'
import { serve } from '../helpers/wire.ts'
import { ask, codeOf, world } from './graph-clients.ts'

describe('GraphQL over HTTP', () => {
  it('[Q1] passes all audits of the specification', async () => {
    const { server } = await world()
    const results = await auditServer({ url: `${server.url}/graphql` })
    const others = results.filter(({ status }) => status !== 'ok')
    expect(others.map(({ id, name, status }) => ({ id, name, status }))).toEqual([])
    expect(results).toHaveLength(61)
  })

  it('[Q1] takes queries by GET, and mutations by POST only', async () => {
    const { server } = await world()
    const get = (query: string) => fetch(`${server.url}/graphql?${new URLSearchParams({ query })}`)
    expect(await (await get('{ sources { id } }')).json()).toMatchObject({
      data: { sources: [{ id: 'crm' }, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}] },
    })
    const refused = await get('mutation { submitEvents(events: []) { outcome } }')
    expect(refused.status).toBe(405)
    expect(refused.headers.get('allow')).toBe('POST')
  })

  it.each([
    ['a batch', '[{"query":"{ __typename }"},{"query":"{ __typename }"}]'],
    [
      'a document that is a syntax tree',
      JSON.stringify({ query: JSON.stringify({ kind: 'Document', definitions: [] }) }),
    ],
    ['the same key twice', '{"query":"{ __typename }","query":"{ __typename }"}'],
    ['half a surrogate pair', '{"query":"{ __typename }","variables":{"a":"\\ud800"}}'],
  ])('[Q1] [Q16] does not take %s', async (_, body) => {
    const { server } = await world()
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body,
    })
    expect(response.status).toBe(400)
  })

  it('[Q1] takes a request with members that it does not know, and says what is wrong with a query string', async () => {
    const { server } = await world()
    const post = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ __typename }', flaw: 'x' }),
    })
    expect([post.status, await post.json()]).toEqual([200, { data: { __typename: 'Query' } }])
    const get = (more: Record<string, string>) =>
      fetch(`${server.url}/graphql?${new URLSearchParams({ query: '{ __typename }', ...more })}`)
    expect((await get({ flaw: 'x' })).status).toBe(200)
    expect(await (await get({ variables: '{' })).text()).toMatch(/`variables`/)
  })

  it('[Q16] does not take NUL in a string of the query', async () => {
    const { query } = await world()
    expect(codeOf(await query('{ order(ref: "A\\u0000") { number } }'))).toBe('BAD_TEXT')
  })

  it('[Q2] serves the schema in use', async () => {
    const { server } = await world()
    const response = await fetch(`${server.url}/graphql/schema.graphql`)
    expect(await response.text()).toBe(SDL)
  })

  it('[Q17] says nothing about a fault of ours, and reports it', async () => {
    const reported: unknown[] = []
    const twin = { ...fakeTwin(), find: () => Promise.reject(new Error('secret path /var/lib')) }
    const server = await serve({ twin, report: error => void reported.push(error) })
    const answer = await ask(server.url, '{ order(ref: "A1") { number } }')
    expect(answer).toMatchObject({ status: 200, data: { order: null }, errors: [{ extensions: { code: 'INTERNAL' } }] })
    expect(JSON.stringify(answer)).not.toMatch(/secret|stack|\.ts/)
    expect(reported).toEqual([expect.objectContaining({ message: 'secret path /var/lib' })])
  })

  it('[Q18] serves no subscriptions over HTTP', async () => {
    const { query } = await world()
    expect(codeOf(await query('subscription { history { verdict } }'))).toBe('SUBSCRIPTION_OVER_HTTP')
  })

  it('[Q17] has its error codes in the catalogue', () => {
    const catalogue = readFileSync(new URL('../../docs/PROBLEMS.md', import.meta.url), 'utf8')
    const listed = [...catalogue.matchAll(/^\| `([A-Z_]+)` \| ([^|]+) \|/gm)].map(([, code, title]) => [code, title])
    expect(listed).toEqual(Object.entries(GRAPH_ERRORS))
  })

  it('[Q23] has a page for people at the root, with queries that work and nothing from elsewhere', async () => {
    const { server } = await world()
    const response = await fetch(`${server.url}/`)
    const page = await response.text()
    expect(response.headers.get('content-type')).toMatch('text/html')
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const links = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, link]) => link)
    expect(links.filter(link => link?.startsWith('/graphql?query='))).toHaveLength(3)
    for (const link of links.filter(each => each !== '/graphql')) {
      const answer = await fetch(`${server.url}${link}`)
      expect([link, answer.status]).toEqual([link, 200])
      expect(await answer.text()).not.toContain('"errors"')
    }
  })
})
