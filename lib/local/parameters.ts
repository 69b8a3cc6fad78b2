/** The SSM parameters of the local stage, kept in a file that people edit by hand. */
import { existsSync, readFileSync, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { AwsError } from './aws-error.ts'
import { readJsonFile, replaceFileSync } from './json-file.ts'

export type Parameter = {
  /** Below the prefix, such as `email.validtime`. */
  name: string
  value: string
  secure: boolean
  version: number
  /** Unix time in milliseconds. */
  modifiedAt: number
}

export type ParameterChange = {
  name: string
  operation: 'Create' | 'Update' | 'Delete'
  secure: boolean
}

/** What somebody may write: `null` in a patch removes. */
export type ParameterValues = Record<string, string | number | boolean>
export type ParameterPatch = Record<string, string | number | boolean | null>

/** How a secret reads, and what leaves it as it is when written back. */
export const HIDDEN = '***'

const POLL_MS = 250
const SETTLE_MS = 40

/** True for names whose values are secrets by convention. */
const isSecretName = (name: string) => /(\.password|[._]key)$/.test(name)

/**
 * Holds the parameters; tells of every change, whoever made it. With a file, an edit saved by hand
 * is picked up within 300 ms; while the file is not readable as JSON, the last good one holds.
 */
export class Parameters {
  #file: string | undefined
  #known = new Map<string, Parameter>()
  #secure: Set<string>
  #text = ''
  #refused = ''
  #changed: (changes: ParameterChange[]) => void = () => {}
  #stopWatching = () => {}

  constructor(file?: string) {
    this.#file = file
    this.#secure = new Set(file ? (readJsonFile<string[]>(secureFile(file)) ?? []) : [])
    if (file && existsSync(file)) this.#load()
    if (file) this.#stopWatching = watchFile(file, () => this.#reload())
  }

  /** Whom to tell of changes from now on. */
  follow(changed: (changes: ParameterChange[]) => void): void {
    this.#changed = changed
  }

  get(name: string): Parameter | undefined {
    return this.#known.get(name)
  }

  /** All parameters, by name. */
  all(): Parameter[] {
    return [...this.#known.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** All values, secrets hidden. */
  values(): Record<string, string> {
    return Object.fromEntries(
      this.all().map(({ name, value, secure }) => [name, secure ? HIDDEN : value]),
    )
  }

  /** Writes one parameter and tells of it. */
  put(name: string, value: string, secure = isSecretName(name)): Parameter {
    this.#reload()
    this.#keepEdits()
    if (secure) this.#secure.add(name)
    const changes = this.#apply({ ...this.#plainValues(), [name]: value }, [name])
    this.#save()
    this.#changed(changes)
    return this.#known.get(name)!
  }

  /** Removes one parameter and tells of it; false when there is none. */
  delete(name: string): boolean {
    if (!this.#known.has(name)) return false
    this.merge({ [name]: null }).forEach((change) => this.#changed([change]))
    return true
  }

  /** Replaces all parameters and returns what changed, without telling of it. */
  replace(values: ParameterValues): ParameterChange[] {
    this.#reload()
    const changes = this.#apply(this.#revealed(values))
    this.#save()
    return changes
  }

  /** Writes some parameters and returns what changed, without telling of it. */
  merge(patch: ParameterPatch): ParameterChange[] {
    this.#reload()
    const values: ParameterPatch = { ...this.#plainValues(), ...this.#revealed(patch) }
    for (const name of Object.keys(patch)) if (patch[name] === null) delete values[name]
    const changes = this.#apply(values as ParameterValues)
    this.#save()
    return changes
  }

  close(): void {
    this.#stopWatching()
  }

  #plainValues(): Record<string, string> {
    return Object.fromEntries(this.all().map(({ name, value }) => [name, value]))
  }

  /** {@link HIDDEN}, written back, means the secret that is there. */
  #revealed<T extends ParameterPatch>(values: T): T {
    const entries = Object.entries(values).map(([name, value]) => {
      const current = this.#known.get(name)
      return [name, value === HIDDEN && current?.secure ? current.value : value]
    })
    return Object.fromEntries(entries) as T
  }

  #apply(values: ParameterValues, touched: string[] = []): ParameterChange[] {
    const changes: ParameterChange[] = []
    for (const name of this.#known.keys()) {
      if (name in values) continue
      changes.push({ name, operation: 'Delete', secure: this.#known.get(name)!.secure })
      this.#known.delete(name)
    }
    for (const [name, raw] of Object.entries(values)) {
      const before = this.#known.get(name)
      const value = String(raw)
      const secure = isSecretName(name) || this.#secure.has(name)
      if (before?.value === value && !touched.includes(name)) continue
      const version = (before?.version ?? 0) + 1
      this.#known.set(name, { name, value, secure, version, modifiedAt: Date.now() })
      changes.push({ name, operation: before ? 'Update' : 'Create', secure })
    }
    return changes
  }

  #save(): void {
    if (!this.#file) return
    this.#text = `${JSON.stringify(this.#plainValues(), null, 2)}\n`
    this.#refused = ''
    replaceFileSync(this.#file, this.#text)
    replaceFileSync(secureFile(this.#file), JSON.stringify([...this.#secure].sort()))
  }

  #load(): ParameterChange[] {
    const text = readFileSync(this.#file!, 'utf8')
    if (text === this.#text || text === this.#refused) return []
    try {
      const changes = this.#apply(parseParameters(text))
      this.#text = text
      this.#refused = ''
      return changes
    } catch (error) {
      this.#refused = text
      const reason = (error as Error).message
      console.error(`${this.#file}: ${reason} The last good parameters stay in force.`)
      return []
    }
  }

  /** A file that somebody is editing and that cannot be read must not be written over. */
  #keepEdits(): void {
    if (!this.#refused || readFileSync(this.#file!, 'utf8') !== this.#refused) return
    throw invalid(`${this.#file} cannot be read: mend or delete it first.`)
  }

  #reload(): void {
    if (!this.#file || !existsSync(this.#file)) return
    const changes = this.#load()
    if (changes.length > 0) this.#changed(changes)
  }
}

/** Parses a flat object of names and values. Throws AwsError with a sentence otherwise. */
export function parseParameters(text: string): ParameterValues {
  const value = parsePatch(text)
  const empty = Object.keys(value).find((name) => value[name] === null)
  if (empty !== undefined) throw invalid(`"${empty}" must be a string, a number or a boolean.`)
  return value as ParameterValues
}

/** {@link parseParameters}, with `null` for what shall be removed. */
export function parsePatch(text: string): ParameterPatch {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('The parameters must be one JSON object of names and values.')
  }
  for (const [name, entry] of Object.entries(value)) {
    if (!/^[\w./-]+$/.test(name)) throw invalid(`"${name}" is not a parameter's name.`)
    if (entry === null || ['string', 'number', 'boolean'].includes(typeof entry)) continue
    throw invalid(`"${name}" must be a string, a number or a boolean.`)
  }
  return value as ParameterPatch
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The engine's message quotes what surrounds the mistake, which may be a secret.
    const message = (error as Error).message.replace(/,? ?"[\s\S]*" is not valid JSON$/, '')
    throw invalid(`This is not JSON: ${message.replace(/\.?$/, '.')}`)
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message)
}

/** Names that were stored as SecureString although their name does not say so. */
const secureFile = (file: string) => file.replace(/\.json$/, '.secure.json')

/** Calls back soon after the file changed: told by the system where it can, else by looking. */
function watchFile(file: string, changed: () => void): () => void {
  let settling: NodeJS.Timeout | undefined
  const settle = () => {
    clearTimeout(settling)
    settling = setTimeout(changed, SETTLE_MS).unref()
  }
  const watcher = watch(dirname(file), { persistent: false }, (_event, name) => {
    if (name === basename(file)) settle()
  })
  watcher.on('error', () => watcher.close())
  let last = stamp(file)
  const poll = setInterval(() => {
    const now = stamp(file)
    if (now !== last) settle()
    last = now
  }, POLL_MS).unref()
  return () => {
    clearInterval(poll)
    clearTimeout(settling)
    watcher.close()
  }
}

function stamp(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat ? `${stat.mtimeMs} ${stat.size} ${stat.ino}` : ''
}
