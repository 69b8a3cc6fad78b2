/** `/token/info/…` and `/token/getserial/…`. */
import type { Token } from '../../core/account.ts'
import { changeToken } from '../../core/manage-tokens.ts'
import { deleteInfo, type Noted, setInfo } from '../../core/token-info.ts'
import { typedAddress } from '../typed-address.ts'
import type { AdminPorts } from './admin-ports.ts'
import { type AdminCall, adminRoute, type AdminHandler, valueReply } from './admin-route.ts'
import { unusable } from './refused.ts'
import { heldToken } from './token-subject.ts'

const set: AdminHandler = async (ports, call) => {
  const { path, parameters, request, frame } = call
  const held = await heldToken(ports, call, 'settokeninfo')
  const { account } = held
  const text = parameters.text('value') ?? ''
  const isAddress = path.key === 'email'
  const value = isAddress ? await typedAddress(ports, 'value', text, { account, request }) : text
  await note(ports, call, held, (token) => setInfo(token, path.key!, value))
  return valueReply(true, frame)
}

const remove: AdminHandler = async (ports, call) => {
  const held = await heldToken(ports, call, 'settokeninfo')
  await note(ports, call, held, (token) => deleteInfo(token, call.path.key!))
  return valueReply(true, call.frame)
}

async function note(
  ports: AdminPorts,
  { path }: AdminCall,
  { account, serial }: Awaited<ReturnType<typeof heldToken>>,
  change: (token: Token) => Noted,
) {
  await changeToken(ports, account, serial, (token) => {
    const noted = change(token)
    if ('refused' in noted) throw unusable(`${path.key} ${noted.refused}.`)
    return noted.token
  })
}

/** Whose a code is would be told to whoever found it: never a match. */
const findSerial: AdminHandler = async (_, { caller, frame }) => {
  caller.require('getserial')
  return valueReply({ count: 0, serial: null }, frame)
}

export const TOKEN_DETAIL_ROUTES = [
  adminRoute('POST', '/token/info/{serial}/{key}', set),
  adminRoute('DELETE', '/token/info/{serial}/{key}', remove),
  adminRoute('GET', '/token/getserial/{otp}', findSerial),
]
