import { expect, it } from 'vitest'
import { clientNetwork } from '../../functions/core/client-network.ts'

const KEY = new Uint8Array(32)
const named = (address: string, account = 'account/demo/alice', key = KEY) =>
  clientNetwork(key, account, address)

it.each([
  ['192.0.2.1', '192.0.2.254'],
  ['::ffff:192.0.2.1', '192.0.2.9'],
  ['2001:db8:0:1::1', '2001:0DB8::1:ffff:0:0:2'],
  ['2001:db8::', '2001:db8:0:0:9::'],
  ['::1', '0:0:0:0:1::'],
  ['fe80::1%eth0', 'fe80::2'],
])('%s and %s are neighbours', (one, other) => {
  expect(named(one)).toBe(named(other))
  expect(named(one)).toMatch(/^[\w+/]{16}$/)
})

it.each([
  ['192.0.2.1', '192.0.3.1'],
  ['2001:db8:0:1::1', '2001:db8:0:2::1'],
  ['2001:db8::1', '2001:db9::1'],
  ['1::2:3:4:5', '1:2:3:4::5'],
])('%s and %s are not', (one, other) => {
  expect(named(one)).not.toBe(named(other))
})

it('is named differently in each account and under each key', () => {
  const other = new Uint8Array(32).fill(1)
  const names = [named('192.0.2.1'), named('192.0.2.1', 'account/demo/bob')]
  expect(new Set([...names, named('192.0.2.1', 'account/demo/alice', other)]).size).toBe(3)
})

it.each(['', 'example.org', '192.0.2', '192.0.2.1, 10.0.0.1', '2001:db8'])('%j is none', (text) => {
  expect(named(text)).toBeUndefined()
})
