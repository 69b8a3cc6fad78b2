/** N08: whatever wire asks, no answer before a login names the address a code goes to. */
import { describe, expect, it } from 'vitest'
import { application } from '../../functions/http/application.ts'
import { LINOTP_VALIDATE_ROUTES } from '../../functions/http/linotp/validate-routes.ts'
import { answerLinotp } from '../../functions/http/linotp/wire.ts'
import { VALIDATE_ROUTES } from '../../functions/http/privacyidea/validate-routes.ts'
import { answer, notFound } from '../../functions/http/privacyidea/wire.ts'
import { V1_LOGIN_ROUTES } from '../../functions/http/v1/login-routes.ts'
import { v1 } from '../../functions/http/v1/wire.ts'
import { type Answer, httpClient, type Send } from '../support/http.ts'
import { createWorld } from '../support/world.ts'

const ADDRESS = 'alice.cooper@firma.example'
/** What must not be in an answer, in no spelling. */
const TELLING = ['alice.cooper', 'cooper', 'firma.example', 'alice%2ecooper', 'cooper%40']

/** Every way to have a code mailed, and to ask after it. */
const TRIGGERS: [string, string, Send, string][] = [
  ['privacyIDEA', '/validate/check', { form: { user: 'alice', pass: '1234' } }, 'transaction_id'],
  ['privacyIDEA', '/validate/check', { form: { serial: 'EM1', pass: '1234' } }, 'transaction_id'],
  ['LinOTP', '/linotp/validate/check', { form: { user: 'alice', pass: '1234' } }, 'transactionid'],
  ['/v1', '/v1/challenges', { json: { user: 'alice', pin: '1234' } }, 'transaction_id'],
]
const MASKS = [undefined, 'e***e@t***.com', '****@****.**', 'e***@test.com']

async function service(mask: string | undefined, profile: string) {
  const settings = { profile, ...(mask ? { 'mask.address': mask } : {}) }
  const world = createWorld({ settings })
  const account = await world.addUser('alice', ADDRESS)
  await world.enrol(account, { serial: 'EM1' })
  const { ports } = world
  const wires = application(
    ports as never,
    [
      (request) => answer(VALIDATE_ROUTES, ports as never, request),
      (request) => answerLinotp(LINOTP_VALIDATE_ROUTES, ports as never, request),
      v1(V1_LOGIN_ROUTES, ports),
    ],
    notFound,
  )
  return { ...world, call: httpClient(wires) }
}

function expectNoAddress({ text, headers }: Answer, mask: string | undefined) {
  const told = `${text} ${JSON.stringify(headers)}`.toLowerCase()
  const shown = mask === 'e***@test.com' ? ['firma.example'] : []
  for (const part of TELLING.filter((one) => !shown.includes(one))) {
    expect(told).not.toContain(part)
  }
}

const POST = { method: 'POST' }

describe.each(['compat', 'hardened'])('N08: in the profile %s', (profile) => {
  describe.each(MASKS)('with the mask %s', (mask) => {
    it.each(TRIGGERS)('%s %s with %o tells a mask at most', async (_, path, send, id) => {
      const { call, mails } = await service(mask, profile)
      const challenged = await call(path, { ...POST, ...send })
      expect(challenged.text).toContain(id)
      expect(mails).toMatchObject([{ to: ADDRESS }])
      expectNoAddress(challenged, mask)

      const found = /"(?:transaction_?id)": ?"(\d{20})"/.exec(challenged.text)!
      const transaction = found[1]!
      const asked = [
        ['/validate/polltransaction', `transaction_id=${transaction}`],
        ['/linotp/validate/check_status', `transactionid=${transaction}&pass=1234&user=alice`],
        [`/v1/challenges/${transaction}`, 'user=alice'],
      ] as const
      for (const [status, query] of asked) {
        expectNoAddress(await call(status, { method: 'GET', query }), mask)
      }
      const wrong = { user: 'alice', pass: '000000', transaction_id: transaction }
      expectNoAddress(await call('/validate/check', { ...POST, form: wrong }), mask)
    })
  })

  it('a mail that could not be sent says no more', async () => {
    for (const [, path, send] of TRIGGERS) {
      const { call, mailServer } = await service(undefined, profile)
      const reply = `550 5.1.1 <${ADDRESS}> unknown`
      mailServer(() => ({ sent: false, failure: 'address', reply }))
      expectNoAddress(await call(path, { ...POST, ...send }), undefined)
    }
  })
})
