import { describe, expect, it } from 'vitest'
import { firstFactor, type OtpPin } from '../../functions/core/first-factor.ts'
import { hashPin } from '../../functions/core/pin.ts'
import { testAccount, testToken } from '../support/accounts.ts'

const pepper = new Uint8Array(32)
const hash = (pin: string) => hashPin(pepper, pin, () => new Uint8Array(16).fill(pin.length))
const [pin, password] = await Promise.all([hash('1234'), hash('secret')])
const email = testToken('E', { pin })
const pinless = testToken('N')
const spass = testToken('S', { pin, type: 'spass' })
const account = testAccount({ password }, email, pinless, spass)

describe.each<[OtpPin, Record<string, [email: boolean, pinless: boolean, spass: boolean]>]>([
  [
    'tokenpin',
    { '1234': [true, false, true], secret: [false, false, false], '': [false, true, false] },
  ],
  [
    'userstore',
    { '1234': [false, false, false], secret: [true, true, true], '': [false, false, false] },
  ],
  [
    'none',
    { '1234': [false, false, false], secret: [false, false, false], '': [true, true, false] },
  ],
  [
    'ignore_pin',
    { '1234': [true, true, false], secret: [true, true, false], '': [true, true, false] },
  ],
])('%s', (otppin, wanted) => {
  const factor = firstFactor(pepper, account, otppin)

  it.each(Object.entries(wanted))(
    '"%s" matches a token with a PIN, one without, spass: %j',
    async (typed, fits) => {
      const tokens = [email, pinless, spass]
      expect(await Promise.all(tokens.map((token) => factor.matches(typed, token)))).toEqual(fits)
    },
  )
})
