import { type Account, newAccount, ownerlessKey, type Token } from './account.ts'
import { AccountBusyError } from './change-account.ts'
import { hashPin } from './pin.ts'
import type { Ports, Random } from './ports.ts'
import { seal } from './seal.ts'

export type Enrolment = {
  /** The owner's account; undefined: the token belongs to nobody yet. */
  account?: Account
  /** Undefined: one is made up. An existing one of the same owner is enrolled anew. */
  serial?: string
  /** Where its codes go; undefined: the owner's address, read at send time. */
  email?: string
  /** Undefined: none on a new token, the old one on a token that is enrolled anew. */
  pin?: string
  /** The HOTP secret, at least 128 bits; undefined: a new random one of 160 bits (RFC 4226 §4, R6). */
  secret?: Uint8Array
  digits?: number
  algorithm?: Token['algorithm']
  description?: string
  /** It cannot be used until `verifyEnrolment` has seen a code from its address. */
  verify?: boolean
  /** Whether its user has to choose a PIN of their own at the first login. */
  changePin?: boolean
}

export type EnrolResult = { enrolled: true; token: Token; account: Account } | EnrolRefusal
export type EnrolRefusal = {
  enrolled: false
  reason: 'serial_of_other' | 'bad_serial' | 'no_address' | 'too_many'
}

const SECRET_BYTES = 20
const MOST_TOKENS = 50
const MOST_TRIES = 8

export type EnrolPorts = Pick<Ports, 'accounts' | 'settings' | 'keyring' | 'now' | 'random'>

/** Registers an e-mail token. Its counter starts at 0, so its first code is HOTP(1). */
export async function enrolToken(ports: EnrolPorts, enrolment: Enrolment): Promise<EnrolResult> {
  const serial = enrolment.serial ?? newTokenSerial(ports.random)
  // a name every object has would be found in accounts that do not have the token
  if (serial in Object.prototype) return { enrolled: false, reason: 'bad_serial' }
  const made = await prepare(ports, enrolment, serial)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const account = await ownerOf(ports, enrolment, serial)
    if (!account) return { enrolled: false, reason: 'serial_of_other' }
    const old = account.tokens[serial]
    if (!enrolment.email && !account.email && !old?.email)
      return { enrolled: false, reason: 'no_address' }
    if (!old && Object.keys(account.tokens).length >= MOST_TOKENS) {
      return { enrolled: false, reason: 'too_many' }
    }
    const token = { ...made, ...(made.pin || !old?.pin ? {} : { pin: old.pin }) }
    const after: Account = {
      ...account,
      tokens: { ...account.tokens, [serial]: token },
      open: account.open.map((one) => (one.serial === serial ? { ...one, superseded: true } : one)),
    }
    const saved = old
      ? await ports.accounts.save(account, after)
      : await ports.accounts.addToken(account, after, serial)
    if (saved.saved) return { enrolled: true, token, account: after }
    if ('taken' in saved) return { enrolled: false, reason: 'serial_of_other' }
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

async function prepare(ports: EnrolPorts, enrolment: Enrolment, serial: string): Promise<Token> {
  const { random, keyring } = ports
  const settings = await ports.settings.current()
  const secret = enrolment.secret ?? random(SECRET_BYTES)
  return {
    serial,
    secret: seal(await keyring.key('secret'), secret, serial, random),
    counter: 0,
    digits: enrolment.digits ?? settings['otp.length'],
    algorithm: enrolment.algorithm ?? 'sha1',
    ...(enrolment.email ? { email: enrolment.email } : {}),
    ...(enrolment.pin ? { pin: await hash(ports, enrolment) } : {}),
    enabled: true,
    revoked: false,
    failcount: 0,
    maxFailcount: settings['token.max_failcount'],
    description: enrolment.description ?? '',
    rollout: enrolment.verify ? 'verify' : 'enrolled',
    ...(enrolment.changePin ? { pinChangeDue: ports.now() } : {}),
    createdAt: ports.now(),
  }
}

const hash = async ({ keyring, random }: EnrolPorts, { pin, account }: Enrolment) =>
  hashPin(await keyring.key('pin'), pin!, random, account && saltOf(account))

/** The salt the PINs of an account share, so that checking several tokens costs one derivation. */
export const saltOf = (account: Account) =>
  Object.values(account.tokens).find(({ pin }) => pin)?.pin?.salt

/** The newest state of the account the token goes to; undefined when the serial is somebody else's. */
async function ownerOf({ accounts }: EnrolPorts, { account, email }: Enrolment, serial: string) {
  const holder = await accounts.findSerial(serial)
  if (account) {
    if (holder && holder !== account.key) return undefined
    return accounts.get(account.key)
  }
  if (holder) return accounts.get(holder)
  const key = ownerlessKey(serial)
  if (!email) return newAccount(key, '') // will be refused, so nothing is made
  await accounts.create(newAccount(key, ''))
  return accounts.get(key)
}

/** A serial nobody chose. */
export const newTokenSerial = (random: Random) =>
  `EM${Buffer.from(random(4)).toString('hex').toUpperCase()}`
