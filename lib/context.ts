import { distance } from '../functions/core/nearest-name.ts'

/** What an operator chooses when deploying, read from the CDK context (`-c stage=prod`). */
export type Deployment = {
  /** Names everything, so that several deployments fit in one account. */
  stage: string
  /**
   * Where to deploy.
   *
   * @default - where the AWS credentials point
   */
  region?: string
  /**
   * Domain that SES is to send from; its identity becomes part of the deployment.
   *
   * @default - mail goes out from an identity verified elsewhere, or by SMTP
   */
  mailDomain?: string
  /**
   * The only sender that `deliver` may use with SES.
   *
   * @default - any address of the mail domain
   */
  mailFrom?: string
  /**
   * Mailbox that hears of alarms.
   *
   * @default - alarms only show in CloudWatch
   */
  alarmEmail?: string
  /** How long a function may keep a settings snapshot before it reads the table again. */
  settingsCacheSeconds: number
  /**
   * Cognito user pools whose users may be looked up, by their ids.
   *
   * @default - none
   */
  userPools?: readonly string[]
  /**
   * Where LDAP servers are reached from.
   *
   * @default - the internet
   */
  ldapNetwork?: Network
}

/** Subnets of a VPC and the security groups of what stands in them, by their ids. */
export type Network = { subnets: readonly string[]; securityGroups: readonly string[] }

/** Every key that {@link readContext} knows. */
const KEYS = [
  'stage',
  'region',
  'mailDomain',
  'mailFrom',
  'alarmEmail',
  'settingsCacheSeconds',
  'cognitoUserPools',
  'ldapSubnets',
  'ldapSecurityGroups',
] as const

/** A context value is not usable; the message names the key and what it accepts. */
export class ContextError extends Error {
  override name = 'ContextError'
}

type Rule = { matches: RegExp; accepts: string }

const STAGE: Rule = {
  matches: /^[a-z][a-z0-9-]{0,18}[a-z0-9]$|^[a-z]$/,
  accepts: '1 to 20 lower-case letters, digits and inner hyphens, starting with a letter',
}
const REGION: Rule = {
  matches: /^[a-z]{2}(-[a-z]+)+-\d$/,
  accepts: 'an AWS region such as eu-central-1',
}
const DOMAIN: Rule = {
  matches: /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
  accepts: 'a domain in lower case such as example.org',
}
const MAILBOX: Rule = {
  matches:
    /^[A-Za-z0-9._%+-]{1,64}@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/,
  accepts: 'one address without a name, such as login@example.org',
}

const USER_POOLS: Rule = {
  matches: /^[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]+(,[a-z]{2}(-[a-z]+)+-\d_[0-9A-Za-z]+)*$/,
  accepts: 'ids of user pools between commas, such as eu-central-1_AbCdEfGhI',
}
const SUBNETS: Rule = {
  matches: /^subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*$/,
  accepts: 'ids of subnets between commas, such as subnet-0a1b,subnet-2c3d',
}
const SECURITY_GROUPS: Rule = {
  matches: /^sg-[0-9a-f]+(,sg-[0-9a-f]+)*$/,
  accepts: 'ids of security groups between commas, such as sg-0a1b',
}

/** The CDK's own keys hold a colon, a slash, a hyphen or an @; ours are one word. */
const ONE_WORD = /^(otpost[:.])?[A-Za-z][A-Za-z0-9_]*$/
const TYPO = 3

/** Throws {@link ContextError} for the first key that looks like one of ours and is none. */
export function refuseUnknownKeys(keys: readonly string[]): void {
  const unknown = keys.find((key) => ONE_WORD.test(key) && !KEYS.some((known) => known === key))
  if (unknown === undefined) return
  const word = unknown.replace(/^otpost[:.]/, '').toLowerCase()
  const [nearest] = KEYS.map((key) => ({ key, edits: distance(word, key.toLowerCase()) })).sort(
    (a, b) => a.edits - b.edits,
  )
  const hint =
    nearest && nearest.edits <= TYPO
      ? `Did you mean ${nearest.key}?`
      : `There is: ${KEYS.join(', ')}.`
  throw new ContextError(`There is no context value ${unknown}. ${hint}`)
}

/** Reads and checks the context. Throws {@link ContextError} for the first value it cannot use. */
export function readContext(get: (key: string) => unknown): Deployment {
  const stage = text(get, 'stage', STAGE) ?? 'dev'
  const mailDomain = text(get, 'mailDomain', DOMAIN)
  const mailFrom = text(get, 'mailFrom', MAILBOX)
  if (mailDomain && mailFrom && !belongsTo(mailFrom, mailDomain)) {
    throw new ContextError(
      `The context value mailFrom=${mailFrom} must be an address of mailDomain ${mailDomain}.`,
    )
  }
  return {
    stage,
    region: text(get, 'region', REGION),
    mailDomain,
    mailFrom,
    alarmEmail: text(get, 'alarmEmail', MAILBOX),
    settingsCacheSeconds: seconds(get, 'settingsCacheSeconds') ?? (stage === 'local' ? 1 : 5),
    userPools: text(get, 'cognitoUserPools', USER_POOLS)?.split(','),
    ldapNetwork: network(get),
  }
}

function network(get: (key: string) => unknown): Network | undefined {
  const subnets = text(get, 'ldapSubnets', SUBNETS)?.split(',')
  const securityGroups = text(get, 'ldapSecurityGroups', SECURITY_GROUPS)?.split(',')
  if (subnets && securityGroups) return { subnets, securityGroups }
  if (!subnets && !securityGroups) return undefined
  throw new ContextError('The context values ldapSubnets and ldapSecurityGroups need each other.')
}

function text(get: (key: string) => unknown, key: string, rule: Rule): string | undefined {
  const value = get(key)
  if (value === undefined) return undefined
  if (typeof value !== 'string' || !rule.matches.test(value))
    throw refused(key, value, rule.accepts)
  return value
}

function seconds(get: (key: string) => unknown, key: string): number | undefined {
  const value = get(key)
  if (value === undefined) return undefined
  const number = /^\d{1,3}$/.test(String(value)) ? Number(value) : NaN
  if (!(number <= 300)) throw refused(key, value, 'whole seconds from 0 to 300')
  return number
}

function refused(key: string, value: unknown, accepts: string): ContextError {
  const shown = typeof value === 'string' ? value : JSON.stringify(value)
  return new ContextError(
    `The context value ${key}=${shown} is not usable: ${key} accepts ${accepts}.`,
  )
}

function belongsTo(mailbox: string, domain: string): boolean {
  const host = mailbox.slice(mailbox.lastIndexOf('@') + 1)
  return host === domain || host.endsWith(`.${domain}`)
}
