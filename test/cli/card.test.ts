import { describe, expect, it } from 'vitest'
import { cardOfOrder, servedCard } from '../../cli/commands/card.ts'
import { parseConfig } from '../../cli/config.ts'
import { policiesWith, withinMs } from '../../engine/deadlines/policies.ts'
import { world } from '../graphql/graph-clients.ts'
import { msAt } from '../helpers/desk.ts'
import { captured, readyOrder, released, SOURCES } from '../helpers/distributor.ts'

describe('ordertwin card', () => {
  it('says the same from the store and from a server', async () => {
    const { server, twin } = await world([...readyOrder('104582'), released('104582', 'S-1', '01:00')])
    twin.clock.nowMs = msAt('06:00')
    const text = await cardOfOrder(twin, 'ERP-104582', policiesWith({}))
    expect(text).toContain('To do:     Acknowledge the release. It is the turn of node (wms)')
    expect(text).toContain('Because:   EAST has not acknowledged shipment S-1')
    expect(await servedCard(server.url, '104582', fetch)).toBe(text)
  })

  it('refuses what nobody has, and what several have', async () => {
    const { server, twin } = await world([
      captured('A1', '00:10', { customer: 'C-1', poNumber: '12345' }),
      captured('A2', '00:11', { customer: 'C-2', poNumber: '12345' }),
    ])
    await expect(cardOfOrder(twin, 'x', policiesWith({}))).rejects.toThrow('nothing here has the number x')
    await expect(cardOfOrder(twin, '12345', policiesWith({}))).rejects.toThrow('more than one order: A1, A2')
    await expect(servedCard(server.url, 'x', fetch)).rejects.toThrow('nothing there has the number x')
    await expect(servedCard(server.url, '12345', fetch)).rejects.toThrow('Several hold this reference')
  })
})

describe('policies in the configuration', () => {
  const sources = SOURCES.map(source => ({ ...source }))

  it('stand behind the defaults', () => {
    const { policies } = parseConfig({
      sources,
      policies: { deadlines: [{ deadline: 'late_shipment', node: 'EAST', withinMs: 5 }] },
    })
    expect(withinMs(policiesWith(policies), 'late_shipment', { node: 'EAST' })).toBe(5)
    expect(withinMs(policiesWith(policies), 'late_release', {})).toBe(86_400_000)
  })

  it('are refused where they name no deadline', () => {
    expect(() => parseConfig({ sources, policies: { deadlines: [{ deadline: 'late_lunch' }] } })).toThrow(
      'policies.deadlines.0.deadline',
    )
  })
})
