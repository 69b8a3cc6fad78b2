/** How the lists of a policy are read. */
import { line } from '../setting-kinds.ts'
import type { Kind, Reading } from '../setting-kinds.ts'
import { networks, realmName } from '../setting-kinds-net.ts'
import { excludedBy } from './match-list.ts'
import { isAbsent } from './policy-members.ts'
import type { Member } from './policy-members.ts'

const plainName: Kind<string> = {
  accepted: 'names',
  read(name) {
    if (/[*?()[\]{}|\\^$]/.test(name)) {
      return { refused: 'is a pattern, and patterns are not matched' }
    }
    return line(256).read(name)
  },
}

/** A name in which `*` stands for any characters. */
const namePattern: Kind<string> = {
  accepted: 'names, in which * stands for any characters',
  read(name) {
    if (/[?()[\]{}|\\^$]|\.[*+]/.test(name)) {
      return { refused: 'is a pattern other than *, and no login may wait for an expression' }
    }
    if (name === '*') return { refused: 'excludes everybody' }
    return line(256).read(name)
  },
}

/** A login name, `name@realm`, `resolver:` or `name.resolver:`. */
const userEntry: Kind<string> = {
  accepted:
    'login names (* stands for any characters), name@realm, and directories as ldap: or alice.ldap:',
  read(entry) {
    if (entry.startsWith('#')) {
      return { refused: 'asks for an attribute of the user, and attributes are not looked at' }
    }
    return entry === ':' ? { refused: 'names no directory' } : namePattern.read(entry)
  },
}

const lowerCase: Kind<string> = {
  accepted: 'names',
  read(name) {
    const reading = plainName.read(name)
    return 'refused' in reading ? reading : { value: reading.value.toLowerCase() }
  },
}

const network: Kind<string> = {
  accepted: 'IPv4 or IPv6 addresses and subnets such as 10.0.0.0/8',
  read(value) {
    const reading = networks.read(value)
    return 'value' in reading ? { value } : { refused: 'is no address or subnet' }
  },
}

/** A comma list or a JSON list of names, `*` and exclusions. */
function list(item: Kind<string>, what = item.accepted): Member<readonly string[]> {
  return {
    accepted: `a list of ${what}, of * for all, and of those with - or ! before them to exclude them`,
    read(value) {
      const parts = partsOf(value)
      if (!parts) return { refused: 'is not a list of text' }

      const entries: string[] = []
      for (const part of parts) {
        const reading = readEntry(item, part)
        if ('refused' in reading)
          return { refused: `has an entry that ${reading.refused}: ${part}` }
        entries.push(reading.value)
      }
      const pointless =
        entries.length > 0 && entries.every((entry) => excludedBy(entry) !== undefined)
      if (pointless) return { refused: 'only excludes, so that nobody is left; begin with *' }
      return { value: Object.freeze(entries) }
    },
  }
}

function partsOf(value: unknown): string[] | undefined {
  if (isAbsent(value)) return []
  const parts = Array.isArray(value) ? value : [value]
  if (!parts.every((part) => typeof part === 'string')) return undefined
  return parts
    .flatMap((part) => part.split(','))
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function readEntry(item: Kind<string>, entry: string): Reading<string> {
  if (entry === '*') return { value: entry }
  const excluded = excludedBy(entry)
  if (excluded === undefined) return item.read(entry)
  const reading = item.read(excluded.trim())
  return 'refused' in reading ? reading : { value: `${entry[0]}${reading.value}` }
}

export const users = list(userEntry)
export const realms = list(realmName, 'realms')
export const resolvers = list(plainName, 'resolvers')
export const adminusers = list(
  namePattern,
  'names of administrators, in which * stands for any characters',
)
export const adminrealms = list(lowerCase, 'realms of administrators')
export const clients = list(network)
export const userAgents = list(lowerCase, 'names of plug-ins')
export const applications = list(plainName, 'names of API keys')
