/** What policies say of applications, held against the API keys that there are. */
import { SELF_SERVICE } from './application.ts'
import { excludedBy } from './policy/match-list.ts'
import { storedName } from './policy/stored-policy.ts'
import type { Problem } from './settings-problems.ts'
import { POLICIES } from './settings-schema.ts'
import type { Settings } from './settings.ts'

/** Active policies that name an application no API key is for: it may be mistyped. */
export function checkApplications({ policies, api_keys: keys }: Settings): Problem[] {
  const known = new Set(['*', SELF_SERVICE, ...keys.map(({ name }) => name)])
  return policies
    .filter(({ active }) => active)
    .flatMap(({ name, application }): Problem[] => {
      const strangers = application
        .map((entry) => excludedBy(entry) ?? entry)
        .filter((each) => !known.has(each))
      if (strangers.length === 0) return []
      return [
        {
          name: POLICIES + storedName(name),
          reason: `names applications without an API key: ${strangers.join(', ')}`,
          accepted: 'names of API keys, as apikey list shows them',
          severity: 'warning',
        },
      ]
    })
}
