/** What SES reports of mails, from its mailbox simulator to what callers and administrators see. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { adminSession, startTestStack, type TestStack } from './support.ts'

let world: TestStack
beforeAll(async () => {
  world = await startTestStack({ parameters: { 'mail.provider': 'ses' } })
})
afterAll(() => world?.stack.stop())

let users = 0
/** A user whose mails the simulator answers for, with one token without a PIN. */
async function userAt(mailbox: string): Promise<{ user: string; email: string }> {
  const user = `simulated${++users}`
  const email = `${mailbox}+${user}@simulator.amazonses.com`
  const rows = [{ user, email }]
  const args = { rows, enrol: true, without_pin: true }
  await world.stack.invoke('otpost-local-operator', { command: 'user.import', args })
  return { user, email }
}

const challenge = (user: string) => world.api.json('POST', '/v1/challenges', { user })
const states = async (user: string, transactionId: string): Promise<string[]> => {
  const { json } = await world.api.get(`/v1/challenges/${transactionId}`, { user })
  return json.challenges.map(({ delivery }: { delivery: string }) => delivery)
}
const reports = (transactionId: string) =>
  world.lines.filter(
    ({ fields }) => fields.message === 'delivery event' && fields.transaction_id === transactionId,
  )

async function becomes(mailbox: string, state: string) {
  const { user, email } = await userAt(mailbox)
  const made = await challenge(user)
  expect(made.status).toBe(201)
  const id: string = made.json.transaction_id
  await vi.waitFor(async () => expect(await states(user, id)).toEqual([state]), 8000)
  return { user, email, id }
}

it('N19: a mail that reached its mailbox is seen as delivered, and is in the log', async () => {
  const { user, id } = await becomes('success', 'delivered')
  await vi.waitFor(() => expect(reports(id)).toHaveLength(1))
  expect(reports(id)[0]!.fields).toMatchObject({
    ...{ level: 'info', user, realm: 'demo', state: 'delivered', provider: 'ses' },
    reply: '250 2.6.0 Message received',
  })
})

it('R03: a hard bounce is seen, and no further code goes to that mailbox', async () => {
  const { user, id } = await becomes('bounce', 'bounced')
  await vi.waitFor(() => expect(reports(id)[0]?.fields).toMatchObject({ address: 'undeliverable' }))
  const again = await challenge(user)
  expect(again.status).toBe(403)
  expect(again.json.reason).toBe('not_sent')
  const refusal = world.lines.findLast(({ fields }) => fields.reason === 'undeliverable')
  expect(refusal?.fields).toMatchObject({ message: 'request', user, outcome: 'rejected' })
})

it('N08: the words of a server never bring an address or a code into the log', async () => {
  const { email, id } = await becomes('bounce', 'bounced')
  await vi.waitFor(() => expect(reports(id)).toHaveLength(1))
  expect(world.lines.map(({ text }) => text).join('\n')).not.toContain(email)
})

it('a complaint ends the mails to that address; the code in it is still good', async () => {
  const { user, email } = await userAt('complaint')
  const made = await challenge(user)
  const id: string = made.json.transaction_id
  const code = await world.nextCode(email)
  await vi.waitFor(() => expect(reports(id)).toHaveLength(2))
  expect(reports(id).map(({ fields }) => fields.state)).toEqual(['delivered', 'complained'])
  expect(await states(user, id)).toEqual(['delivered'])
  const answered = await world.api.json('POST', `/v1/challenges/${id}/answer`, { user, otp: code })
  expect(answered.json).toMatchObject({ accepted: true })
  expect((await challenge(user)).status).toBe(403)
})

it('reports of mails of others change nothing, whatever tags they have', async () => {
  const { user, id } = await becomes('success', 'delivered')
  await vi.waitFor(() => expect(reports(id)).toHaveLength(1))
  const serial = reports(id)[0]!.fields.serial as string
  const report = (eventType: string, own: object) =>
    world.stack.invoke('otpost-local-delivery-events', {
      source: 'aws.ses',
      detail: {
        eventType,
        mail: {
          messageId: 'forged',
          timestamp: new Date().toISOString(),
          destination: [`success+${user}@simulator.amazonses.com`],
          tags: { transaction_id: [id], serial: [serial], kind: ['login'], seal: ['x'.repeat(22)] },
        },
        ...own,
      },
    })
  const late = new Date(Date.now() + 1000).toISOString()
  await report('Bounce', { bounce: { bounceType: 'Permanent', timestamp: late } })
  await report('Complaint', { complaint: { timestamp: late } })
  await report('Delivery', { mail: undefined })
  await world.stack.invoke('otpost-local-delivery-events', { source: 'aws.ses', detail: 'what?' })
  expect(await states(user, id)).toEqual(['delivered'])
  expect(reports(id)).toHaveLength(1)
  const told = world.lines.filter(({ fields }) => fields.message_id === 'forged')
  expect(told.map(({ fields }) => fields.message)).toEqual(
    Array(2).fill('report of a mail of others'),
  )
  expect((await challenge(user)).status).toBe(201)
})

it('an administrator sees the flag, and has the address tried again', async () => {
  const { user, id } = await becomes('bounce', 'bounced')
  await vi.waitFor(() => expect(reports(id)).toHaveLength(1))
  const serial = reports(id)[0]!.fields.serial as string
  const headers = await adminSession(world)
  const seen = await world.api.get(`/v1/tokens/${serial}`, {}, headers)
  expect(seen.json.undeliverable).toMatchObject({ why: 'bounce' })
  const path = `/v1/tokens/${serial}/undeliverable`
  const allowed = await world.api.send(path, { method: 'DELETE', headers })
  expect(allowed.status).toBe(204)
  expect((await challenge(user)).status).toBe(201)
})
