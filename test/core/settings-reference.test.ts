import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeSettings } from '../../functions/core/settings-reference.ts'
import {
  clientKeyOf,
  managedOf,
  passwordOf,
  POLICIES,
  PROVIDERS,
  REALMS,
  resolverPasswordOf,
  RESOLVERS,
  SCHEMA,
  SECRETS,
} from '../../functions/core/settings-schema.ts'

const GROUPS = [
  ...[REALMS, RESOLVERS, resolverPasswordOf('<name>')],
  ...[PROVIDERS, passwordOf('<name>'), clientKeyOf('<name>'), managedOf('<name>'), POLICIES],
]

it('the parameter reference is what bin/parameters.ts would write today', () => {
  const written = readFileSync(new URL('../../.github/PARAMETERS.md', import.meta.url), 'utf8')
  expect(written).toBe(describeSettings())
})

it('the parameter reference has one row for every parameter and group of parameters', () => {
  const rows = describeSettings().match(/^\| `[^`]+`/gm)
  expect(rows).toHaveLength(Object.keys(SCHEMA).length + SECRETS.length + GROUPS.length)
})
