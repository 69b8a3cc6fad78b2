/** Users by the hundred: each row succeeds or is refused on its own, and may come again. */
import type { Account } from '../account.ts'
import { enrolToken } from '../enrol-token.ts'
import { nameOf } from '../find-account.ts'
import { addUser, type Profile, updateUser } from '../users.ts'
import { InvalidArgumentError, readArguments } from './arguments.ts'
import { flag, list, optional, pin } from './fields.ts'
import type { Command, OperatorPorts } from './ports.ts'
import { done } from './reply.ts'
import { accountOf, inDeclaredRealm, type Who } from './subject.ts'
import { whyNotEnrolled } from './tokens.ts'
import { PROFILE, SUBJECT } from './users.ts'

/** What became of one row. */
export type RowResult =
  | { state: 'added' | 'updated' | 'unchanged'; user: string; realm: string; serial?: string }
  | { state: 'refused'; user?: string; parameter?: string; reason: string }

const MOST_ROWS = 200
/** Rows that are worked on at once. */
const LANES = 10
/** `language` is what other directories call it. */
const ROW = { ...SUBJECT, ...PROFILE, language: PROFILE.locale, pin: optional(pin) }

/**
 * Adds or updates users; with `enrol`, those without a token get one that mails to their own
 * address. The answer has one result per row, in order.
 */
export const importUsers: Command = async (ports, args) => {
  const shape = { rows: list(1, MOST_ROWS), enrol: optional(flag) }
  const { rows, enrol = false } = readArguments(args, shape)
  const results: RowResult[] = []
  const groups = (await byUser(ports, rows)).values()
  const work = async () => {
    for (const indices of groups) {
      for (const index of indices) results[index] = await importRow(ports, rows[index], enrol)
    }
  }
  await Promise.all(Array.from({ length: LANES }, work))
  return done({ rows: results })
}

/** Rows of one user stay in order; those of different users may go side by side. */
async function byUser({ settings }: OperatorPorts, rows: unknown[]): Promise<number[][]> {
  const current = await settings.current()
  const groups = Map.groupBy(rows.keys(), (index) => {
    const { user, realm } = (rows[index] ?? {}) as { user?: unknown; realm?: unknown }
    if (typeof user !== 'string') return `row ${index}`
    return JSON.stringify(nameOf(user, typeof realm === 'string' ? realm : undefined, current))
  })
  return [...groups.values()]
}

async function importRow(ports: OperatorPorts, row: unknown, enrol: boolean): Promise<RowResult> {
  try {
    return await putUser(ports, row, enrol)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    const user = (row as { user?: unknown } | undefined)?.user
    return {
      state: 'refused',
      ...(typeof user === 'string' ? { user } : {}),
      parameter: error.parameter,
      reason: error.message,
    }
  }
}

async function putUser(ports: OperatorPorts, row: unknown, enrol: boolean): Promise<RowResult> {
  const { user, realm, pin: typed, language, ...given } = readArguments(row, ROW)
  const locale = given.locale ?? language
  const profile: Profile = locale === undefined ? given : { ...given, locale }
  const who = inDeclaredRealm(...(await whoOf(ports, user, realm)))
  if (typed !== undefined && !enrol) {
    const message = 'pin belongs to a token, and this import enrols none: add --enrol.'
    throw new InvalidArgumentError('pin', message)
  }
  const before = await accountOf(ports, who)
  if (enrol && profile.email === undefined && before?.email === undefined && !hasToken(before)) {
    throw new InvalidArgumentError(
      'email',
      'email is missing: a token needs an address to mail to.',
    )
  }
  const state = await putProfile(ports, who, profile, before)
  const account = enrol ? await accountOf(ports, who) : undefined
  if (!account || hasToken(account)) return { state, user: who.login, realm: who.realm }

  const result = await enrolToken(ports, { account, pin: typed })
  if (!result.enrolled) throw whyNotEnrolled(result.reason)
  return { state, user: who.login, realm: who.realm, serial: result.token.serial }
}

async function whoOf(ports: OperatorPorts, user: string, realm: string | undefined) {
  const settings = await ports.settings.current()
  return [nameOf(user, realm, settings), settings] as const
}

const hasToken = (account: Account | undefined) =>
  account !== undefined && Object.keys(account.tokens).length > 0

async function putProfile(
  ports: OperatorPorts,
  who: Who,
  profile: Profile,
  before: Account | undefined,
): Promise<'added' | 'updated' | 'unchanged'> {
  if (!before && (await addUser(ports, who.realm, who.login, profile))) return 'added'
  const names = Object.keys(profile) as (keyof Profile)[]
  if (before && names.every((name) => before[name] === profile[name])) return 'unchanged'
  await updateUser(ports, who.realm, who.login, profile)
  return 'updated'
}
