/** Tokens as LinOTP's `outform=csv`: between single quotes, with semicolons. */
import { cellText, doubledQuotes } from '../csv-text.ts'

/** One line of names, then one for each token. No token: nothing at all, as in LinOTP. */
export function tokensCsv(tokens: readonly object[]): string {
  const [first] = tokens
  if (!first) return ''
  return [Object.keys(first), ...tokens.map((token) => Object.values(token))]
    .map((cells) => `${cells.map((cell) => `'${textOf(cell)}'; `).join('')}\n`)
    .join('')
}

const textOf = (cell: unknown) =>
  doubledQuotes(cellText(typeof cell === 'string' ? cell : pythonText(cell)))

function pythonText(cell: unknown): string {
  if (typeof cell === 'boolean') return cell ? 'True' : 'False'
  if (Array.isArray(cell)) return `[${cell.map((one) => `'${one}'`).join(', ')}]`
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
