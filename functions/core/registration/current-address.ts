import { type Account, type Token, typeOf } from '../account.ts'
import { sameMailbox } from '../address/address-key.ts'

/** Where codes go now: the address of the user, or else that of their first token that has one. */
export const currentAddress = ({ email, tokens }: Account): string | undefined =>
  email ?? Object.values(tokens).find((one) => typeOf(one) === 'email' && one.email)?.email

/** The tokens with one address in the place of another; a token's own other one stays. */
export function followed(
  tokens: Account['tokens'],
  from: string | undefined,
  to: string,
): Account['tokens'] {
  const moved = ({ email }: Token) =>
    from !== undefined && email !== undefined && sameMailbox(email, from)
  return Object.fromEntries(
    Object.values(tokens).map((one) => [one.serial, moved(one) ? { ...one, email: to } : one]),
  )
}
