/** `/token/assign`, `/token/unassign`, `/token/realm` and `/token/lost`: whose a token is. */
import type { Account } from '../../core/account.ts'
import { resolverOf } from '../../core/directory.ts'
import type { Enrolment } from '../../core/enrol-token.ts'
import { setEnabled } from '../../core/manage-tokens.ts'
import { assignToken, unassignToken } from '../../core/move-token.ts'
import { DAY } from '../../core/spans.ts'
import { minutes } from '../../core/token-info.ts'
import { enrolAndTell, setPinAndTell } from '../../core/told-changes.ts'
import { actingCaller } from '../callers.ts'
import { oneMore } from '../enrolment.ts'
import type { AdminPorts } from './admin-ports.ts'
import { adminRoute, type AdminHandler, sharedRoute, valueReply } from './admin-route.ts'
import { alreadyAssigned, forbidden, unknownSerial, unknownUser, unusable } from './refused.ts'
import { heldToken, heldTokens, namedUser } from './token-subject.ts'

const assign: AdminHandler = async (ports, call) => {
  const { parameters, caller, frame } = call
  parameters.required('user')
  const serial = parameters.required('serial')
  const owner = await namedUser(ports, call)
  if (!owner) throw unknownUser()
  caller.require('assign', owner)
  const pin = parameters.text('pin')
  const refused = pin === undefined ? undefined : caller.pinRefusal(pin, owner)
  if (refused !== undefined) throw forbidden(refused)
  // who has the token already is given none: that would be a new PIN and nothing else
  if (pin !== undefined && Object.hasOwn(owner.tokens, serial)) caller.require('setpin', owner)
  const result = await assignToken(ports, serial, owner, (account) => oneMore(ports, call, account))
  if (result.assigned) {
    call.request.target = { login: owner.login, realm: owner.realm, serials: [serial] }
    const account = pin === undefined ? undefined : await ports.accounts.get(owner.key)
    if (account) await setPinAndTell(ports, account, serial, pin!, actingCaller(call.request))
    return valueReply(true, frame)
  }
  switch (result.reason) {
    case 'owned':
      throw alreadyAssigned(result.holder, resolverOf(result.holder, caller.settings))
    case 'forbidden':
      throw forbidden(result.message)
    case 'too_many':
      throw unusable('user has too many tokens; delete one first.')
    case 'unknown_user':
      throw unknownUser()
    case 'unknown_serial':
      throw unknownSerial(serial)
  }
}

const unassign: AdminHandler = async (ports, call) => {
  const { serials } = await heldTokens(ports, call, 'unassign')
  let changed = 0
  for (const serial of serials) if (await unassignToken(ports, serial)) changed++
  return valueReply(changed, call.frame)
}

/** A token is in the realm of its owner; only that can be asked for. */
const setRealms: AdminHandler = async (ports, call) => {
  const { account } = await heldToken(ports, call, 'tokenrealms')
  const realms = call.parameters.listed('realms').map((realm) => realm.toLowerCase())
  const other = realms.find((realm) => account.login === undefined || realm !== account.realm)
  if (other === undefined) return valueReply(true, call.frame)
  throw unusable(`realms names ${other}; a token is in the realm of its owner and in no other.`)
}

const REPLACEMENT_DAYS = 10
/** Without what is easily mistaken for something else. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789'

/** Disables a token and gives its owner a password of a few days instead. */
const lost: AdminHandler = async (ports, call) => {
  const { account, serial } = await heldToken(ports, call, 'losttoken')
  if (account.login === undefined) throw unusable('serial is of a token that belongs to nobody.')
  const password = newPassword(ports)
  const until = ports.now() + REPLACEMENT_DAYS * DAY
  const replacement = `lost${serial}`
  const replacing: Enrolment = {
    account,
    serial: replacement,
    type: 'spass',
    pin: password,
    description: `temporary replacement for ${serial}`,
    validUntil: until,
  }
  const made = await enrolAndTell(ports, replacing, actingCaller(call.request))
  if (!made.enrolled) throw unusable(`serial cannot be replaced: ${made.reason}.`)
  const disabled = await disable(ports, account, serial)
  return valueReply(
    {
      disable: disabled ? 1 : 0,
      end_date: minutes(until),
      init: true,
      password,
      pin: false,
      serial: replacement,
      user: true,
      valid_to: 'xxxx',
    },
    call.frame,
  )
}

async function disable(ports: AdminPorts, { key }: Account, serial: string): Promise<boolean> {
  const account = await ports.accounts.get(key)
  return account ? setEnabled(ports, account, serial, false) : false
}

/** 16 letters and digits, each as likely as any other. */
function newPassword({ random }: AdminPorts): string {
  const fair = 256 - (256 % ALPHABET.length)
  let password = ''
  while (password.length < 16) {
    for (const byte of random(32)) if (byte < fair) password += ALPHABET[byte % ALPHABET.length]
  }
  return password.slice(0, 16)
}

export const TOKEN_OWNER_ROUTES = [
  adminRoute('POST', '/token/assign', assign),
  sharedRoute('POST', '/token/unassign', unassign),
  sharedRoute('POST', '/token/unassign/{serial}', unassign),
  adminRoute('POST', '/token/realm/{serial}', setRealms),
  adminRoute('POST', '/token/lost/{serial}', lost),
]
