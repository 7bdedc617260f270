// NotAsked: the bench was not asked properly. Nothing was measured, and nothing is broken: exit 2.
export class NotAsked extends Error {}
