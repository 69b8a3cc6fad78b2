/** LinOTP's wire of logins over a world in memory. */
import { application } from '../../../functions/http/application.ts'
import { LINOTP_VALIDATE_ROUTES } from '../../../functions/http/linotp/validate-routes.ts'
import { answerLinotp } from '../../../functions/http/linotp/wire.ts'
import { notFound } from '../../../functions/http/privacyidea/wire.ts'
import { httpClient } from '../../support/http.ts'
import { createWorld } from '../../support/world.ts'

/** A world where the PIN of alice is 1234 and that of her second token, if she has one, too. */
export async function createLinotpLogins(settings: Record<string, string> = {}) {
  const world = createWorld({ settings })
  const { ports } = world
  const send = httpClient(
    application(
      ports,
      [(request) => answerLinotp(LINOTP_VALIDATE_ROUTES, ports, request)],
      notFound,
    ),
  )
  await world.enrol(await world.addUser('alice'), { serial: 'LSEM1', description: 'work' })
  const call = (route: string, form: Record<string, string>) =>
    send(`/linotp/validate/${route}`, { form })
  const check = (form: Record<string, string>) => call('check', form)

  /** Sends the PIN and gives the challenge and its code. */
  async function triggered(user = 'alice', pass = '1234') {
    const { json } = await check({ user, pass })
    return { transactionid: json.detail.transactionid as string, otp: world.lastCode() }
  }

  return { world, send, call, check, triggered }
}
export type LinotpLogins = Awaited<ReturnType<typeof createLinotpLogins>>

export const SUCCESS = {
  jsonrpc: '2.0802',
  result: { status: true, value: true },
  id: 0,
  version: 'LinOTP 3.4.4',
  versionNumber: '3.4.4',
}
export const REJECT = { ...SUCCESS, result: { status: true, value: false } }
