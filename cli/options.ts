// Options: what a command line may hold. What no command asks for is refused: a misspelt option would be left out without a word.
import type { ArgsDef } from 'citty'
import { WrongUsage } from './exit.ts'

/** Throws WrongUsage for the first option that `known` does not name. */
export function refuseUnknown(given: readonly string[], known: ArgsDef): void {
  const names = new Map(Object.entries(known).map(([name, definition]) => [kebab(name), definition]))
  for (let index = 0; index < given.length; index++) {
    const word = given[index] as string
    if (word === '--') return
    if (!word.startsWith('-') || word === '-') continue
    const [option = ''] = word.replace(/^--?/, '').split('=', 1)
    const definition = names.get(kebab(option)) ?? names.get(kebab(option.replace(/^no-/, '')))
    if (definition === undefined || definition.type === 'positional')
      throw new WrongUsage(`there is no option ${word.split('=', 1)[0]}; --help tells which there are`)
    // The word behind it is its value, whatever it looks like.
    if (definition.type !== 'boolean' && !word.includes('=')) index++
  }
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
