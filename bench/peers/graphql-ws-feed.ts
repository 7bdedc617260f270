// graphql-ws as its documentation sets it up: its server over ws, one async iterator and one execution a subscriber.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSchema } from 'graphql'
import { useServer } from 'graphql-ws/use/ws'
import { WebSocketServer } from 'ws'
import { FEED_SDL, type Feed, type FeedChange } from './feed.ts'

export async function graphqlWsFeed(): Promise<Feed> {
  const listeners = new Set<(change: FeedChange) => void>()
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, path: '/graphql' })
  const roots = { subscription: { ordersChanged: () => changesHeard(listeners) } }
  const server = useServer({ schema: buildSchema(FEED_SDL), roots }, sockets)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async publish(changes) {
      for (const change of changes) for (const hear of listeners) hear(change)
    },
    async close() {
      await server.dispose()
      for (const socket of sockets.clients) socket.terminate()
      http.close()
    },
  }
}

async function* changesHeard(listeners: Set<(change: FeedChange) => void>) {
  const heard: FeedChange[] = []
  let wake = () => {}
  const hear = (change: FeedChange) => {
    heard.push(change)
    wake()
  }
  listeners.add(hear)
  try {
    for (;;) {
      for (let change = heard.shift(); change !== undefined; change = heard.shift()) yield { ordersChanged: change }
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  } finally {
    listeners.delete(hear)
  }
}
