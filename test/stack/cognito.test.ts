import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CognitoUser } from '../../lib/local/cognito.ts'
import {
  adminSession,
  answer,
  isAccepted,
  startTestStack,
  type TestStack,
  trigger,
} from './support.ts'

const POOL = 'us-east-1_LocalPool'
const CLIENT = 'localclient'

describe('a realm whose users are in a Cognito user pool', () => {
  let world: TestStack
  const ann: CognitoUser = {
    username: 'ann',
    password: 'ann-secret',
    attributes: { sub: '1', email: 'ann@pool.example.org', email_verified: 'true' },
  }

  beforeAll(async () => {
    world = await startTestStack({
      cognito: { pools: new Map([[POOL, [ann]]]), clients: new Map([[CLIENT, POOL]]) },
      parameters: {
        'realms/pool': 'users',
        'resolvers/users': JSON.stringify({
          type: 'cognito',
          user_pool_id: POOL,
          client_id: CLIENT,
        }),
        'policies/pin': JSON.stringify({
          scope: 'authentication',
          action: 'otppin=userstore',
          realm: ['pool'],
        }),
      },
    })
    const parameters = { type: 'email', user: 'ann', realm: 'pool', dynamic_email: '1' }
    const { json } = await world.api.post('/token/init', parameters, await adminSession(world))
    expect(json.result.status).toBe(true)
  })
  afterAll(() => world?.stack.stop())

  it('takes the password of the pool, and the code from the address in it', async () => {
    const id = await trigger(world, { user: 'ann@pool', email: '', pin: 'ann-secret' })
    const code = await world.nextCode('ann@pool.example.org')
    expect(isAccepted(await answer(world, 'ann@pool', id, code))).toBe(true)
  })

  it('mails nothing for another password', async () => {
    world.stack.clearMessages()
    const { json } = await world.api.post('/validate/check', { user: 'ann@pool', pass: 'wrong' })
    expect(json.result.value).toBe(false)
    expect(world.stack.messages()).toEqual([])
  })

  it('mails nothing to an address that is not verified any more', async () => {
    ann.attributes.email_verified = 'false'
    world.stack.clearMessages()
    await world.api.post('/validate/check', { user: 'ann@pool', pass: 'ann-secret' })
    expect(world.stack.messages()).toEqual([])
    ann.attributes.email_verified = 'true'
  })
})
