/** What no directory can be judged for alone. */
import type { Problem } from './settings-problems.ts'
import { resolverPasswordOf, RESOLVERS } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** Directories with half of the credentials they look for users with. */
export const checkDirectories = ({ directories, secrets }: Settings): Problem[] =>
  [...directories].flatMap(([name, one]): Problem[] => {
    const named = one.type === 'ldap' && one.bindDn !== ''
    const secret = resolverPasswordOf(name)
    if (named === secrets.has(secret)) return []
    const bindDn = `the bind_dn of ${RESOLVERS}${name}`
    return [
      {
        name: secret,
        reason: named ? `is missing, but ${bindDn} is set` : `is set without ${bindDn}`,
        accepted: `both ${bindDn} and its password, or neither`,
        severity: named ? 'error' : 'warning',
      },
    ]
  })
