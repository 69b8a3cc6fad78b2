import type { UserAttributes } from '../core/directory-kinds.ts'
import { isLogin, type SourceUser } from '../core/user-source.ts'

type Asked = {
  attributes: UserAttributes
  loginAttribute: string
  /** The name that was asked for; empty: nobody asked for one. */
  login: string
  /** Stands for the user where no attribute does. */
  id: string
}

/**
 * The user whom these values describe, by attribute in lower case. Of several names the one that was
 * asked for. Undefined: it is nobody who could log in, because there is no name.
 */
export function sourceUser(
  values: ReadonlyMap<string, readonly string[]>,
  { attributes, loginAttribute, login, id }: Asked,
): SourceUser | undefined {
  const of = (names: readonly string[]) =>
    names.flatMap((name) => values.get(name.toLowerCase()) ?? []).filter((value) => value !== '')
  const logins = of([loginAttribute]).filter(isLogin)
  const own =
    logins.find((one) => one === login) ??
    logins.find((one) => folded(one) === folded(login)) ??
    logins[0]
  if (own === undefined) return undefined
  const { uid, email, ...others } = attributes
  const texts = Object.entries(others).flatMap(([name, names]) => {
    const [text] = of(names)
    return text === undefined ? [] : [[name, text] as const]
  })
  const [stable = id] = of(uid)
  return { login: own, uid: stable, email: of(email), ...Object.fromEntries(texts) }
}

/**
 * Whether somebody who was found by a name has that name, in whatever case. Who was found by another
 * attribute, which they may have written themselves, is not who the name belongs to.
 */
export const isNamed = ({ login }: SourceUser, name: string): boolean =>
  folded(login) === folded(name)

const folded = (text: string) => text.normalize('NFKC').toLowerCase()
