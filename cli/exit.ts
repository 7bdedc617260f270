// Exit codes (contract.md): 0 done, 1 refused or failed with a reason, 2 wrong usage.

/** Ends the command with exit code 1 and its message, without a stack: the reason is all there is to know. */
export class Refused extends Error {}

/** Ends the command with exit code 2. */
export class WrongUsage extends Error {}
