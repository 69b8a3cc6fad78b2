/** Plain text for people: aligned columns, no colours. */

type Cell = string | number | boolean | undefined | null

const shown = (cell: Cell) => {
  if (cell === undefined || cell === null || cell === '') return '-'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  // A line break in a value must not look like a row, nor a control character reach the terminal.
  return String(cell).replaceAll(/\p{Cc}+/gu, ' ')
}

/** Rows under a heading; says `none` where there are no rows. */
export function table(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return 'none\n'
  return columns([heading, ...rows.map((row) => row.map(shown))])
}

/** One line per name and value. */
export const details = (values: Readonly<Record<string, Cell>>): string =>
  columns(Object.entries(values).map(([name, value]) => [name, shown(value)]))

/** Text in columns, two spaces apart; the last one is as wide as it likes. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, [...cell].length)
    })
  }
  const padded = (cell: string, index: number) =>
    cell + ' '.repeat(widths[index]! - [...cell].length)
  return rows.map((row) => `${row.map(padded).join('  ').trimEnd()}\n`).join('')
}
