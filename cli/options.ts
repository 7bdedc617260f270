// Options: what a command line may hold. What no command asks for is refused: a misspelt option, or a word too many, would be left
// out without a word, and the command do something else than was meant.
import type { ArgsDef } from 'citty'
import { WrongUsage } from './exit.ts'

/** Throws WrongUsage for the first word that `known` has no place for. */
export function refuseUnknown(given: readonly string[], known: ArgsDef): void {
  const named = new Map(
    Object.entries(known).flatMap(([name, { type }]) => (type === 'positional' ? [] : [[kebab(name), type] as const])),
  )
  const places = Object.entries(known).filter(([, { type }]) => type === 'positional')
  // What is called in the plural takes as many as there are.
  let room = places.some(([name]) => name.endsWith('s')) ? Number.POSITIVE_INFINITY : places.length
  for (let index = 0; index < given.length; index++) {
    const word = given[index] as string
    if (!word.startsWith('-') || word === '-') {
      if (room-- === 0) throw new WrongUsage(`there is no place for ${word}; --help tells what there is`)
      continue
    }
    const [option = ''] = word.split('=', 1)
    const type = typeOf(option, named)
    if (type === undefined) throw new WrongUsage(`there is no option ${option}; --help tells which there are`)
    // The word behind it is its value, whatever it looks like.
    if (type !== 'boolean' && !word.includes('=')) index++
  }
}

function typeOf(option: string, named: ReadonlyMap<string, string | undefined>): string | undefined {
  // No command has options of one letter; with one dash a long one would be taken for several of these.
  if (!option.startsWith('--')) return undefined
  const name = kebab(option.slice(2))
  if (named.has(name)) return named.get(name) ?? 'string'
  return named.get(name.replace(/^no-/, '')) === 'boolean' ? 'boolean' : undefined
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
