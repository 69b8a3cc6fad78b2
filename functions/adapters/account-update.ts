import type { Account, Token } from '../core/account.ts'

/** The expression parts of an UpdateItem. */
export type Update = {
  UpdateExpression: string
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues: Record<string, unknown>
}

/**
 * An update that turns one revision of an account into the next and touches only what differs, so
 * that a login never writes a secret or a PIN back. `writer` marks who wrote it: a write whose
 * reply was lost is recognised by it.
 */
export function accountUpdate(before: Account, after: Account, writer: string): Update {
  const names = new Map<string, string>()
  const values: Record<string, unknown> = {
    ':before': before.rev,
    ':after': before.rev + 1,
    ':writer': writer,
  }
  const name = (attribute: string) => {
    if (!names.has(attribute)) names.set(attribute, `#n${names.size}`)
    return names.get(attribute)!
  }
  const sets = [`${name('rev')} = :after`, `${name('writer')} = :writer`]
  const removes: string[] = []
  const put = (path: string, value: unknown) => {
    if (value === undefined) removes.push(path)
    else {
      const placeholder = `:v${Object.keys(values).length}`
      values[placeholder] = value
      sets.push(`${path} = ${placeholder}`)
    }
  }

  for (const key of changedKeys(before, after)) {
    if (key !== 'tokens' && key !== 'rev') put(name(key), after[key])
  }
  const serials = new Set([...Object.keys(before.tokens), ...Object.keys(after.tokens)])
  for (const serial of serials) {
    const [old, next] = [before.tokens[serial], after.tokens[serial]]
    // DynamoDB refuses names that no expression uses, so a name is made only where it is needed
    const path = () => `${name('tokens')}.${name(serial)}`
    if (!old || !next) put(path(), next)
    else for (const key of changedKeys<Token>(old, next)) put(`${path()}.${name(key)}`, next[key])
  }
  return {
    UpdateExpression:
      `SET ${sets.join(', ')}` + (removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''),
    ConditionExpression: `${name('rev')} = :before`,
    ExpressionAttributeNames: Object.fromEntries([...names].map(([from, to]) => [to, from])),
    ExpressionAttributeValues: values,
  }
}

function changedKeys<T extends object>(before: T, after: T): (keyof T & string)[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof T & string>
  return [...keys].filter(
    (key) =>
      before[key] !== after[key] && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
}
