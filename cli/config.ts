// Configuration: one typed file plus ORDERTWIN_* environment. This folder is the only reader of argv and environment.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { ROLES } from '../machines/sources.ts'
import { isTimeZone } from '../machines/time.ts'
import { Refused, WrongUsage } from './exit.ts'
import { policiesSchema } from './policies-schema.ts'

const name = z.string().min(1).max(128)
const names = z.array(name).min(1)

const sourceSchema = z.strictObject({
  id: name,
  role: z.enum(ROLES),
  nodes: names.optional(),
  carriers: names.optional(),
  companies: names.optional(),
  customers: names.optional(),
  timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone such as Europe/Berlin'),
  profile: z
    .strictObject({ parkForMs: z.int().positive().optional(), sequenceIsGapFree: z.boolean().optional() })
    .optional(),
})

const configSchema = z.strictObject({
  /** The store's folder. */
  data: z.string().min(1).default('store'),
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.coerce.number().int().min(0).max(65_535).default(4000),
  sources: z
    .array(sourceSchema)
    .min(1)
    .refine(sources => new Set(sources.map(source => source.id)).size === sources.length, 'source ids must be unique'),
  policies: policiesSchema.default({ deadlines: [], silence: [] }),
  limits: z
    .strictObject({
      liveFamiliesMax: z.coerce.number().int().positive().optional(),
      packedFamiliesMax: z.coerce.number().int().nonnegative().optional(),
    })
    .default({}),
})

export type Config = z.output<typeof configSchema>
/** What a configuration file exports as its default. */
export type ConfigInput = z.input<typeof configSchema>

/** Types a configuration file: `export default defineConfig({ sources: [ … ] })`. */
export const defineConfig = (config: ConfigInput): ConfigInput => config

const DEFAULT_FILE = 'ordertwin.config.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** The configuration in force: the file's, overridden by the environment's, overridden by `flags`. */
export async function readConfig(
  file: string | undefined,
  environment: Environment,
  flags: Partial<ConfigInput> = {},
): Promise<Config> {
  const [own, fromEnvironment] = [await fileConfig(file), environmentConfig(environment)]
  const limits = { ...own.limits, ...fromEnvironment.limits }
  return parseConfig({ ...own, ...fromEnvironment, limits, ...defined(flags) })
}

export function parseConfig(input: unknown): Config {
  const parsed = configSchema.safeParse(input)
  if (parsed.success) return parsed.data
  const flaws = parsed.error.issues.map(issue => `  ${issue.path.join('.') || '(all)'}: ${issue.message}`)
  throw new Refused(`the configuration is not valid:\n${flaws.join('\n')}`)
}

async function fileConfig(file: string | undefined): Promise<Partial<ConfigInput>> {
  const path = resolve(file ?? DEFAULT_FILE)
  if (!existsSync(path)) {
    if (file === undefined) throw new WrongUsage(`there is no ${DEFAULT_FILE} here; name one with --config FILE`)
    throw new WrongUsage(`no such configuration file: ${file}`)
  }
  const module = (await import(pathToFileURL(path).href)) as { default?: Partial<ConfigInput> }
  if (module.default === undefined) throw new Refused(`${path} exports no default: export default defineConfig({ … })`)
  return module.default
}

/** ORDERTWIN_PORT, ORDERTWIN_HOST, ORDERTWIN_DATA, ORDERTWIN_LIVE_FAMILIES_MAX, ORDERTWIN_PACKED_FAMILIES_MAX. */
export function environmentConfig(environment: Environment): Partial<ConfigInput> {
  // An empty one says nothing: as a number it would be 0.
  const said = (name: string) => environment[`ORDERTWIN_${name}`] || undefined
  return defined({
    data: said('DATA'),
    host: said('HOST'),
    port: said('PORT'),
    limits: defined({
      liveFamiliesMax: said('LIVE_FAMILIES_MAX'),
      packedFamiliesMax: said('PACKED_FAMILIES_MAX'),
    }),
  })
}

function defined<T extends object>(record: T): Partial<T> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Partial<T>
}

const SECRET = /secret|password|token|apiKey/i

/** As text for people, secrets masked. */
export const printedConfig = (config: Config): string =>
  JSON.stringify(config, (key, value: unknown) => (SECRET.test(key) && typeof value === 'string' ? '***' : value), 2)

/** The store's folder for commands that need nothing else: a flag, the environment, then the configuration file. */
export async function readDataFolder(
  flag: string | undefined,
  file: string | undefined,
  environment: Environment,
): Promise<string> {
  return flag ?? environment.ORDERTWIN_DATA ?? (await readConfig(file, environment)).data
}
