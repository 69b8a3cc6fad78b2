import { type Account, newAccount, ownerlessKey, type Token } from './account.ts'
import { AccountBusyError } from './change-account.ts'
import { hashPin } from './pin.ts'
import type { Ports, Random } from './ports.ts'
import { stored } from './remote-user.ts'
import { derivedSecret, seal } from './seal.ts'
import { withoutSessions } from './session-epoch.ts'

export type Enrolment = {
  /** The owner's account; undefined: the token belongs to nobody yet. */
  account?: Account
  /** Undefined: one is made up. An existing one of the same owner is enrolled anew. */
  serial?: string
  /** `spass` mails nothing. @default 'email' */
  type?: NonNullable<Token['type']>
  /** Where its codes go; undefined: the owner's address, read at send time. */
  email?: string
  /** Takes the owner's address at send time even if there is none yet. */
  dynamic?: boolean
  /** Undefined: none on a new token, the old one on a token that is enrolled anew. */
  pin?: string
  /** The secret follows from a key, so that nobody needs that key to make it. */
  derived?: boolean
  /** The HOTP secret, at least 128 bits; undefined: a new random one of 160 bits (RFC 4226 §4, R6). */
  secret?: Uint8Array
  digits?: number
  algorithm?: Token['algorithm']
  description?: string
  identifier?: string
  /** Unix time in milliseconds, as {@link validUntil}. */
  validFrom?: number
  validUntil?: number
  info?: Record<string, string>
  /** It cannot be used until `verifyEnrolment` has seen a code from its address. */
  verify?: boolean
  /** It is made within the login of its user, who has to prove its address there. */
  addedBy?: Token['addedBy']
  /** Whether its user has to choose a PIN of their own at the first login. */
  changePin?: boolean
  /**
   * Asked on the very state of the owner that is written, with the token that is enrolled anew if
   * there is one: why it may not be, or undefined.
   */
  forbid?: (owner: Account, old: Token | undefined) => string | undefined
}

export type EnrolResult = { enrolled: true; token: Token; account: Account } | EnrolRefusal
/** `other_type`: a token of that serial is of another type; `forbidden`: see {@link Enrolment.forbid}. */
export type EnrolRefusal = {
  enrolled: false
  reason:
    | 'serial_of_other'
    | 'bad_serial'
    | 'other_type'
    | 'revoked'
    | 'no_address'
    | 'too_many'
    | 'forbidden'
  message?: string
}

const SECRET_BYTES = 20
/** Tokens one user may have. */
export const MOST_TOKENS = 50
const MOST_TRIES = 8

export type EnrolPorts = Pick<Ports, 'accounts' | 'settings' | 'keyring' | 'now' | 'random'>

/**
 * Registers a token. Its counter starts at 0, so its first code is HOTP(1). One that is enrolled
 * anew gets a new secret and keeps what is not given, also its lock, and whether it is disabled.
 */
export async function enrolToken(ports: EnrolPorts, enrolment: Enrolment): Promise<EnrolResult> {
  const serial = enrolment.serial ?? newTokenSerial(ports.random, enrolment.type)
  // a name every object has would be found in accounts that do not have the token
  if (serial in Object.prototype) return { enrolled: false, reason: 'bad_serial' }
  const made = await prepare(ports, enrolment, serial)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const account = await ownerOf(ports, enrolment, serial)
    if (!account) return { enrolled: false, reason: 'serial_of_other' }
    const old = account.tokens[serial]
    const refused = refusal(enrolment, account, old)
    if (refused) return refused
    if (account.login === undefined && !old) await ports.accounts.create(account)
    const token = old ? renewed(made, old, enrolment) : made
    const after: Account = {
      // a token that is enrolled anew may have another PIN
      ...(old && made.pin ? withoutSessions(account) : account),
      tokens: { ...account.tokens, [serial]: token },
      open: account.open.map((one) => (one.serial === serial ? { ...one, superseded: true } : one)),
    }
    const saved = old
      ? await ports.accounts.save(account, after)
      : await ports.accounts.addToken(account, after, serial)
    if (saved.saved) return { enrolled: true, token, account: { ...after, rev: account.rev + 1 } }
    if ('taken' in saved) return { enrolled: false, reason: 'serial_of_other' }
  }
  throw new AccountBusyError(`${MOST_TRIES} writers came first.`)
}

function refusal(
  { type = 'email', email, dynamic, forbid }: Enrolment,
  account: Account,
  old: Token | undefined,
): EnrolRefusal | undefined {
  const refused = (reason: EnrolRefusal['reason']) => ({ enrolled: false, reason }) as const
  if (old && (old.type ?? 'email') !== type) return refused('other_type')
  if (old?.revoked) return refused('revoked')
  const mailed = type === 'email' && !dynamic
  if (mailed && !email && !account.email && !old?.email) return refused('no_address')
  if (!old && Object.keys(account.tokens).length >= MOST_TOKENS) return refused('too_many')
  const message = forbid?.(account, old)
  return message === undefined ? undefined : { ...refused('forbidden'), message }
}

async function prepare(ports: EnrolPorts, enrolment: Enrolment, serial: string): Promise<Token> {
  const { random, keyring } = ports
  const { email, identifier, validFrom, validUntil, info } = enrolment
  const settings = await ports.settings.current()
  return {
    serial,
    ...(enrolment.type === 'spass' ? { type: enrolment.type } : {}),
    secret: enrolment.derived
      ? derivedSecret(random)
      : await sealed(keyring, enrolment.secret ?? random(SECRET_BYTES), serial, random),
    counter: 0,
    digits: enrolment.digits ?? settings['otp.length'],
    algorithm: enrolment.algorithm ?? settings['hotp.hashlib'],
    ...(email ? { email } : {}),
    ...(enrolment.pin ? { pin: await hash(ports, enrolment) } : {}),
    enabled: true,
    revoked: false,
    failcount: 0,
    maxFailcount: settings['token.max_failcount'],
    description: enrolment.description ?? '',
    ...(identifier === undefined ? {} : { identifier }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(info === undefined ? {} : { info }),
    rollout: enrolment.verify ? 'verify' : 'enrolled',
    ...(enrolment.addedBy ? { addedBy: enrolment.addedBy } : {}),
    ...(enrolment.changePin ? { pinChangeDue: ports.now() } : {}),
    createdAt: ports.now(),
  }
}

const sealed = async (
  keyring: EnrolPorts['keyring'],
  secret: Uint8Array,
  serial: string,
  random: Random,
) => seal(await keyring.key('secret'), secret, serial, random)

function renewed(made: Token, old: Token, { description }: Enrolment): Token {
  const info = { ...old.info, ...made.info }
  const { enabled, failcount, maxFailcount, createdAt } = old
  return {
    ...made,
    ...(made.pin || !old.pin ? {} : { pin: old.pin }),
    ...(made.identifier || !old.identifier ? {} : { identifier: old.identifier }),
    ...(made.validFrom || !old.validFrom ? {} : { validFrom: old.validFrom }),
    ...(made.validUntil || !old.validUntil ? {} : { validUntil: old.validUntil }),
    ...(Object.keys(info).length > 0 ? { info } : {}),
    description: description ?? old.description,
    enabled,
    failcount,
    maxFailcount,
    createdAt,
  }
}

const hash = async ({ keyring, random }: EnrolPorts, { pin, account }: Enrolment) =>
  hashPin(await keyring.key('pin'), pin!, random, account && saltOf(account))

/** The salt the PINs of an account share, so that checking several tokens costs one derivation. */
export const saltOf = (account: Account) =>
  Object.values(account.tokens).find(({ pin }) => pin)?.pin?.salt

/**
 * The newest state of the account the token goes to, one not yet stored for a new token that belongs
 * to nobody; undefined when the serial is somebody else's.
 */
async function ownerOf({ accounts }: EnrolPorts, { account }: Enrolment, serial: string) {
  const holder = await accounts.findSerial(serial)
  if (account) {
    if (holder && holder !== account.key) return undefined
    return stored({ accounts }, account)
  }
  if (holder) return accounts.get(holder)
  const key = ownerlessKey(serial)
  return (await accounts.get(key)) ?? newAccount(key, '')
}

/** A serial nobody chose. */
export const newTokenSerial = (random: Random, type?: Enrolment['type']) =>
  `${type === 'spass' ? 'SP' : 'EM'}${Buffer.from(random(4)).toString('hex').toUpperCase()}`
