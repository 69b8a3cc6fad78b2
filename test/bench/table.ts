export type Row = {
  what: string
  measured: number
  unit: string
  /** The most it may be. */
  goal?: number
}

/** Prints what was measured against its goal. */
export function printTable(rows: Row[]): void {
  const width = Math.max(...rows.map(({ what }) => what.length))
  console.log(
    `${'what'.padEnd(width)}  ${'measured'.padStart(9)} ${''.padEnd(2)}  ${'goal'.padStart(6)}`,
  )
  for (const { what, measured, unit, goal } of rows) {
    const columns = [
      what.padEnd(width),
      ` ${shown(measured).padStart(9)} ${unit.padEnd(2)}`,
      ` ${goal === undefined ? '' : String(goal).padStart(6)}`,
      ` ${verdict(measured, goal)}`,
    ]
    console.log(columns.join('').trimEnd())
  }
}

function verdict(measured: number, goal: number | undefined): string {
  if (goal === undefined) return ''
  return measured <= goal ? 'ok' : 'over'
}

/** Three digits that count. */
const shown = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
