// Progress: how far a campaign is, in a file of its own, so that the same command goes on where it was interrupted. It is
// written under another name and renamed: whatever interrupts that leaves the one before. What was reached with other code is
// no part of this code's proof: then the campaign begins anew, and says so.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { commitName } from '../../bench/code-now.ts'

interface Saved<State> {
  readonly commit: string | undefined
  readonly state: State
}

export class Progress<State> {
  private readonly path: string
  private readonly commit: string | undefined

  /** `name` tells the campaign and all options that its figures depend on. */
  constructor(folder: string, name: string, commit = commitName()) {
    mkdirSync(resolve(folder), { recursive: true })
    this.commit = commit
    this.path = join(resolve(folder), `${name}.progress.json`)
  }

  /** Where an interrupted run of this code stopped; undefined when there was none. */
  read(): State | undefined {
    if (!existsSync(this.path)) return undefined
    const saved = JSON.parse(readFileSync(this.path, 'utf8')) as Saved<State>
    if (saved.commit === this.commit) {
      console.log(`going on where ${this.path} says`)
      return saved.state
    }
    console.log(`beginning anew: what was done so far was of commit ${saved.commit}`)
    return undefined
  }

  write(state: State): void {
    const saved: Saved<State> = { commit: this.commit, state }
    writeFileSync(`${this.path}.fresh`, JSON.stringify(saved))
    renameSync(`${this.path}.fresh`, this.path)
  }

  /** The campaign is through. */
  over(): void {
    rmSync(this.path, { force: true })
  }
}
