import type { Reading } from '../setting-kinds.ts'
import type { Actions } from './action-text.ts'

/**
 * Reads LinOTP's text of actions: `otppin=1, emailtext='Code, <otp>', !delete`. Quotes, single or
 * double, protect what is in them; an action may be set twice only to one value.
 */
export function readLinotpActions(text: string): Reading<Actions> {
  const actions = new Map<string, string | true>()
  let rest = text
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const name = /^[^=,]*/.exec(rest)![0]
    rest = rest.slice(name.length)
    let value: string | true = true
    if (rest.startsWith('=')) {
      const reading = readValue(rest.slice(1).trimStart())
      if ('refused' in reading) return { refused: `${reading.refused} of ${name.trim()}` }
      value = reading.value.text
      rest = reading.value.rest
    }
    const known = actions.get(name.trim())
    if (known !== undefined && known !== value) return { refused: `sets ${name.trim()} twice` }
    actions.set(name.trim(), value)
  }
  return { value: Object.fromEntries(actions) }
}

const QUOTED = /^(?:"([^"]*)"|'([^']*)')/

function readValue(from: string): Reading<{ text: string; rest: string }> {
  if (!/^["']/.test(from)) {
    const [plain] = /^[^,]*/.exec(from)!
    return { value: { text: plain.trim(), rest: from.slice(plain.length) } }
  }
  let text = ''
  let rest = from
  for (let part = QUOTED.exec(rest); part; part = QUOTED.exec(rest)) {
    text += part[1] ?? part[2] ?? ''
    rest = rest.slice(part[0].length)
  }
  rest = rest.trimStart()
  if (/^["']/.test(rest)) return { refused: 'does not close the quotes of the value' }
  if (rest !== '' && !rest.startsWith(',')) return { refused: 'goes on behind the quoted value' }
  return { value: { text, rest } }
}

/** Writes actions as that text. */
export const formatLinotpActions = (actions: Actions): string =>
  Object.entries(actions)
    .map(([name, value]) => (value === true ? name : `${name}=${written(value)}`))
    .join(', ')

/** Quoted if need be; a value with both quotes in parts, as a shell takes them. */
function written(value: string): string {
  if (value !== '' && !/[,="']|^\s|\s$/.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  return value
    .split(/('+)/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith("'") ? `"${part}"` : `'${part}'`))
    .join('')
}
