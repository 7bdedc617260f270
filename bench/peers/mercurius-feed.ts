// Mercurius' own subscriptions: a topic, an emitter, one execution and one serialisation a subscriber. It is given payloads
// that are ready, so that it decides nothing, keeps nothing and looks nothing up.
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import mercurius from 'mercurius'
import type { Feed } from './feed.ts'
import { FEED_SDL, type FeedChange } from './feed.ts'

const TOPIC = 'ordersChanged'

export async function mercuriusFeed(): Promise<Feed> {
  const app = fastify()
  await app.register(mercurius, {
    schema: FEED_SDL,
    subscription: true,
    resolvers: {
      Query: { ready: () => true },
      Subscription: { ordersChanged: { subscribe: (_root, _args, { pubsub }) => pubsub.subscribe(TOPIC) } },
    },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return {
    url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
    async publish(changes: readonly FeedChange[]) {
      for (const change of changes)
        app.graphql.pubsub.publish({ topic: TOPIC, payload: { ordersChanged: change } }, () => undefined)
    },
    close: () => app.close(),
  }
}
