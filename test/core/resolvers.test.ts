import { beforeEach, expect, it } from 'vitest'
import { deleteResolver, setResolver } from '../../functions/core/resolvers.ts'
import { memoryParameters } from '../support/parameters.ts'

let store: ReturnType<typeof memoryParameters>
beforeEach(async () => {
  store = memoryParameters()
  const directory = { uri: 'ldaps://ldap.x.example', base_dn: 'dc=x', bind_dn: 'cn=otp,dc=x' }
  const members = { type: 'ldap', ...directory }
  const result = await setResolver(store.ports, { name: 'corp', members, password: 's3cret' })
  expect(result).toEqual({ outcome: 'in_force' })
})

it('a resolver goes with its password', async () => {
  expect(await deleteResolver(store.ports, 'corp')).toEqual({ outcome: 'in_force' })
  expect([store.values, store.secrets]).toEqual([{}, {}])
})

it('a resolver keeps its password when that is deleted as if it were one', async () => {
  const name = 'corp.password'
  expect(await deleteResolver(store.ports, name)).toEqual({ outcome: 'unknown', name })
  expect(store.secrets).toHaveProperty(['resolvers/corp.password'])
})
