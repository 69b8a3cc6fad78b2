import { expect, it, vi } from 'vitest'
import { passwordHash, updateUser } from '../../../../functions/core/users.ts'
import * as policies from '../../../support/policies.ts'
import { createSelf, ENROL, problemType, signsIn } from './people.ts'

vi.mock('node:crypto', async (original) => {
  const { withCheapArgon2 } = await import('../../../support/cheap-argon2.ts')
  return withCheapArgon2(await original())
})

it('who asks for an address that others had mails sent to is told what the others are', async () => {
  const api = await createSelf({ ...ENROL, 'mail.per_hour': '1' })
  await api.world.enrol(await api.world.addUser('bob'), { serial: 'EM00000002' })
  const asking = { address: 'victim@example.net' }
  const alice = await signsIn(api)
  expect((await alice.post('/address', asking)).status).toBe(202)
  const own = await alice.post('/address', asking)
  const mails = api.mails.length
  const others = await (await signsIn(api, 'bob')).post('/address', asking)
  expect(own.json).toMatchObject({ type: problemType('too_many') })
  expect({ status: others.status, json: others.json }).toEqual({ status: 429, json: own.json })
  // bob's own code to sign in
  expect(api.mails.length - mails).toBe(1)
})

it('who asks for an address that is somebody’s keeps nobody from their first login', async () => {
  const auto = policies.policy('enrollment', 'autoenrollment=email, verify_enrollment=email')
  const api = await createSelf({ ...ENROL, ...auto, 'mail.per_hour': '3' })
  await api.world.addUser('dave')
  await updateUser(api.ports, 'demo', 'dave', { password: await passwordHash(api.ports, 'davepw') })
  const eve = await signsIn(api)
  const statuses = []
  for (let time = 0; time < 4; time++) {
    statuses.push((await eve.post('/address', { address: 'dave@example.org' })).status)
  }
  expect(statuses).toEqual([202, 202, 202, 429])
  const { status, json } = await api.login('/v1/challenges', {
    json: { user: 'dave', pin: 'davepw' },
  })
  expect({ status, json }).toMatchObject({ status: 201 })
  expect(api.mails.at(-1)!.to).toBe('dave@example.org')
  const answer = { json: { user: 'dave', otp: api.lastCode() } }
  const answered = await api.login(`/v1/challenges/${json.transaction_id}/answer`, answer)
  expect(answered.json).toMatchObject({ accepted: true })
})

it('who has the domains of strangers looked up is stopped, as one who has codes sent there', async () => {
  const api = await createSelf({ ...ENROL, 'registration.per_hour': '5' })
  let asked = 0
  api.ports.domains = {
    async check() {
      asked++
      return 'unknown_domain'
    },
  }
  const alice = await signsIn(api)
  const answers = []
  for (let number = 0; number < 7; number++) {
    const { status, json } = await alice.post('/address', { address: `a@d${number}.example` })
    answers.push(`${status} ${json.type.replace(problemType(''), '')}`)
  }
  expect(answers.slice(5)).toEqual(['429 too_many', '429 too_many'])
  expect(new Set(answers.slice(0, 5)).size).toBe(1)
  expect(asked).toBe(5)
})
