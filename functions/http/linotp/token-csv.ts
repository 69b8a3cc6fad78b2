/** Tokens as LinOTP's `outform=csv`: between single quotes, with semicolons. */

/** One line of names, then one for each token. No token: nothing at all, as in LinOTP. */
export function tokensCsv(tokens: readonly object[]): string {
  const [first] = tokens
  if (!first) return ''
  return [Object.keys(first), ...tokens.map((token) => Object.values(token))]
    .map((cells) => `${cells.map((cell) => `'${textOf(cell)}'; `).join('')}\n`)
    .join('')
}

const textOf = (cell: unknown) => harmless(typeof cell === 'string' ? cell : pythonText(cell))

/**
 * On one line, quotes doubled; what a spreadsheet that splits at commas or semicolons would take for
 * the beginning of a formula is preceded by a quote.
 */
const harmless = (text: string) =>
  text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/(^|[;,"]) *(?=[=+\-@])/g, "$&'")
    .replaceAll("'", "''")

function pythonText(cell: unknown): string {
  if (typeof cell === 'boolean') return cell ? 'True' : 'False'
  if (Array.isArray(cell)) return `[${cell.map((one) => `'${one}'`).join(', ')}]`
  return typeof cell === 'object' ? JSON.stringify(cell) : String(cell)
}
