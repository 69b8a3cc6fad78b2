import { cellText, doubledQuotes } from '../csv-text.ts'
import type { TokenView } from './token-view.ts'

/** In the order of the reference. */
const COLUMNS = [
  'id',
  'description',
  'serial',
  'tokentype',
  'info',
  'resolver',
  'user_id',
  'otplen',
  'maxfail',
  'active',
  'revoked',
  'locked',
  'failcount',
  'count',
  'count_window',
  'sync_window',
  'rollout_state',
  'realms',
  'tokengroup',
  'username',
  'user_realm',
  'user_editable',
  'container_serial',
] as const satisfies readonly (keyof TokenView)[]

/**
 * Tokens as the reference's `outform=csv`: values as Python writes them, between single quotes. No
 * text ends its cell: quotes in it are doubled.
 */
export const tokensCsv = (tokens: readonly TokenView[]): string =>
  [COLUMNS, ...tokens.map((token) => COLUMNS.map((column) => pythonText(token[column])))]
    .map((cells) => `${cells.map((cell) => `'${cell}', `).join('')}\n`)
    .join('')

function pythonText(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? doubledQuotes(cellText(value)) : cellText(pythonLiteral(value))
}

function pythonLiteral(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'string') return `'${value.replace(/[\\']/g, '\\$&')}'`
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([name, one]) => `'${name}': ${pythonLiteral(one)}`)
  return `{${members.join(', ')}}`
}
