import { describeSettings } from '../../functions/core/settings-reference.ts'

export type ParameterEntry = { name: string; accepted: string; default: string; about: string }

/** Every parameter as the reference page describes it, so that there is one text for both. */
export const PARAMETER_REFERENCE: readonly ParameterEntry[] = describeSettings()
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const cells = line.split(' | ')
    const [name = '', accepted = '', fallback = '', , about = ''] = cells.map(plain)
    return { name, accepted, default: fallback, about }
  })

const REALMS = 'realms/'

/** The entry of a parameter; all realms share one. */
export const entryOf = (name: string): ParameterEntry | undefined =>
  PARAMETER_REFERENCE.find((entry) =>
    entry.name.startsWith(REALMS) ? name.startsWith(REALMS) : entry.name === name,
  )

function plain(cell: string): string {
  return cell.replaceAll('`', '').replace(/^\| /, '')
}
