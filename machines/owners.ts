// Who may report a move (domain §1): a role, or a rule that data resolves at run time.
import type { Role } from './sources.ts'

/** `any` is for claims and corrections, which move nothing that somebody owns; `operator` for what people do about exceptions. */
export type OwnerRule = 'channel' | 'erp' | 'node' | 'transport' | 'twin' | 'any' | 'operator'

const ROLES_OF: Record<OwnerRule, readonly Role[]> = {
  channel: ['channel', 'crm'],
  erp: ['erp'],
  node: ['wms', '3pl'],
  // A node's operator may carry too: own fleet, counter pickup.
  transport: ['tms', 'carrier', 'wms', '3pl'],
  twin: [],
  operator: ['operator'],
  any: ['crm', 'channel', 'erp', 'wms', '3pl', 'tms', 'carrier', 'operator'],
}

/** Whether a source of `role` could ever own what `rules` name. What this denies no later fact can make right. */
export const mayEverOwn = (rules: readonly OwnerRule[], role: Role): boolean =>
  rules.some(rule => ROLES_OF[rule].includes(role))

export const rolesOf = (rule: OwnerRule): readonly Role[] => ROLES_OF[rule]
