/** One user of an import, written so that the same row may come twice, also at the same time. */
import type { Account } from '../account.ts'
import type { AddressPorts } from '../address/admit-address.ts'
import { AccountBusyError } from '../change-account.ts'
import { nameOf } from '../find-account.ts'
import type { Random } from '../ports.ts'
import type { Settings } from '../settings.ts'
import { firstState, newUser, type Profile, updateUser } from '../users.ts'
import { InvalidArgumentError, readArguments } from './arguments.ts'
import { optional, pin } from './fields.ts'
import { hasToken, putToken } from './import-token.ts'
import { assertAddress } from './new-address.ts'
import type { OperatorPorts } from './ports.ts'
import { accountOf, inDeclaredRealm, type Who } from './subject.ts'
import { PROFILE, SUBJECT } from './users.ts'

/** What is done with a user who is there already. */
export const ON_EXISTING = ['update', 'skip', 'refuse'] as const
export type OnExisting = (typeof ON_EXISTING)[number]

export type HowToImport = {
  /** Gives everybody without a token one that mails to their own address. */
  enrol: boolean
  /** Such a token may have no PIN. */
  withoutPin: boolean
  existing: OnExisting
  /** The import this is a row of; undefined: rows of it never come again. */
  importId: string | undefined
  /** The realm of rows that name none. @default the default realm */
  realm: string | undefined
  /** Somebody vouches for the addresses: they count as proven. */
  verified: boolean
  /** DNS is asked about their domains, where the settings say so. */
  checkDomains: boolean
}

/** What became of one row. `left`: the user was there and was to be left alone. */
export type RowResult =
  | { state: WrittenState | 'left'; user: string; realm: string; serial?: string }
  | { state: 'refused'; user?: string; parameter: string; reason: string }
  | { state: 'pending' }

type WrittenState = 'added' | 'updated' | 'unchanged'

/** What became of a row, and the address of its user that gave way to another one. */
export type Written = { result: RowResult; replaced?: { old: string; fresh: string } }

/** `language` is what other directories call it. */
const ROW = { ...SUBJECT, ...PROFILE, language: PROFILE.locale, pin: optional(pin) }
/** The columns a row may have. */
export const ROW_COLUMNS = Object.keys(ROW)

const MOST_TRIES = 5

/** The user a row describes. */
export type Person = { who: Who; key: string; profile: Profile; typed: string | undefined }

/**
 * What a row says, its address looked at as any other. Throws {@link InvalidArgumentError} for one
 * that cannot be imported.
 */
export async function readPerson(
  ports: AddressPorts,
  row: unknown,
  how: HowToImport,
  settings: Settings,
): Promise<Person> {
  const { user, realm = how.realm, pin: typed, language, ...given } = readArguments(row, ROW)
  const locale = given.locale ?? language
  const profile: Profile = {
    ...given,
    ...(locale === undefined ? {} : { locale }),
    ...(how.verified && given.email !== undefined
      ? { emailVerified: { at: ports.now(), method: 'admin' } }
      : {}),
  }
  if (typed !== undefined && !how.enrol) {
    const message = 'pin belongs to a token, and this import enrols none: add --enrol.'
    throw new InvalidArgumentError('pin', message)
  }
  const who = inDeclaredRealm(nameOf(user, realm, settings), settings)
  const account = newUser(who.realm, who.login, {})
  await assertAddress(ports, settings, given.email, account, { askDns: how.checkDomains })
  return { who, key: account.key, profile, typed }
}

/** The account of a person who is new, marked as this import's. */
export function accountFor(
  { who, profile }: Person,
  { importId }: HowToImport,
  random: Random,
): Account {
  const imported =
    importId === undefined ? {} : { imported: { id: importId, state: 'added' as const } }
  return firstState(newUser(who.realm, who.login, { ...profile, ...imported }), random)
}

/** What is known of a person's account: just made, there before, or not looked for. */
export type Met = { made: Account } | { before: Account } | undefined

/** Adds or updates a person. Throws {@link InvalidArgumentError} for one it refuses. */
export async function putPerson(
  ports: OperatorPorts,
  person: Person,
  how: HowToImport,
  met: Met,
): Promise<Written> {
  const { state, account } = await putProfile(ports, person, how, met)
  const written = { state, user: person.who.login, realm: person.who.realm }
  const { email: old } = account
  const { email: fresh = old } = person.profile
  const changed = state === 'updated' && old !== undefined && fresh !== undefined && old !== fresh
  const replaced = changed ? { replaced: { old, fresh } } : {}
  if (!how.enrol || state === 'left') return { result: written, ...replaced }
  const serial = await putToken(ports, account, person.typed, how.importId)
  return { result: serial === undefined ? written : { ...written, serial }, ...replaced }
}

/** `account`: as it was made, or as it was before. */
type Put = { state: WrittenState | 'left'; account: Account }

async function putProfile(
  ports: OperatorPorts,
  person: Person,
  how: HowToImport,
  first: Met,
): Promise<Put> {
  let met = first
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    met ??= await meet(ports, person, how)
    if ('made' in met) return { state: 'added', account: met.made }
    const state = await putExisting(ports, met.before, person, how)
    if (state) return { state, account: met.before }
    // Removed meanwhile, so it is a new one again.
    met = undefined
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

async function meet(ports: OperatorPorts, person: Person, how: HowToImport) {
  const known = await accountOf(ports, person.who)
  if (known) return { before: known }
  const refused = whyNotNew(person, how)
  if (refused) throw refused
  const made = accountFor(person, how, ports.random)
  const [before] = await ports.accounts.createMany([made])
  return before ? { before } : { made }
}

async function putExisting(
  ports: OperatorPorts,
  before: Account,
  { who, profile, typed }: Person,
  how: HowToImport,
): Promise<WrittenState | 'left' | undefined> {
  const { existing, importId } = how
  const mine = importId !== undefined && before.imported?.id === importId
  if (!mine && existing === 'skip') return 'left'
  if (!mine && existing === 'refuse') {
    const message = `The realm ${who.realm} has a user ${who.login} already.`
    throw new InvalidArgumentError('user', message)
  }
  const email = profile.email ?? before.email
  const refused = hasToken(before) ? undefined : whyNoToken({ email, typed }, how)
  if (refused) throw refused
  const given = withoutKnownProof(profile, before)
  const names = Object.keys(given) as (keyof Profile)[]
  const state = mine ? before.imported!.state : 'updated'
  if (names.every((name) => before[name] === given[name])) return mine ? state : 'unchanged'
  const mark = importId === undefined ? {} : { imported: { id: importId, state } }
  const updated = await updateUser(ports, who.realm, who.login, { ...given, ...mark })
  return updated ? state : undefined
}

/** When and how somebody proved the address that they have says more than an import does. */
function withoutKnownProof({ emailVerified, ...profile }: Profile, before: Account): Profile {
  const known = before.emailVerified && before.email === profile.email
  return known || !emailVerified ? profile : { ...profile, emailVerified }
}

/** Why a person cannot be added as things are, or undefined. */
export const whyNotNew = ({ profile: { email }, typed }: Person, how: HowToImport) =>
  whyNoToken({ email, typed }, how)

/** Why somebody who has none would get no token, or undefined. */
function whyNoToken(
  { email, typed }: { email: string | undefined; typed: string | undefined },
  { enrol, withoutPin }: HowToImport,
): InvalidArgumentError | undefined {
  if (!enrol) return undefined
  if (email === undefined) {
    const message = 'email is missing: a token needs an address to mail to.'
    return new InvalidArgumentError('email', message)
  }
  if (typed !== undefined || withoutPin) return undefined
  const message =
    'pin is missing: a token without one mails its code to whoever knows the name of its user. ' +
    'Such tokens are made with --without-pin.'
  return new InvalidArgumentError('pin', message)
}
