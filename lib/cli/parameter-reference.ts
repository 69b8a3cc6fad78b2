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

/** The entry of a parameter; those of one folder share one, `realms/<name>`. */
export const entryOf = (name: string): ParameterEntry | undefined =>
  PARAMETER_REFERENCE.find((entry) => {
    const folder = entry.name.endsWith('/<name>') ? entry.name.slice(0, -'<name>'.length) : ''
    return entry.name === name || (folder !== '' && name.startsWith(folder) && name !== folder)
  })

function plain(cell: string): string {
  return cell.replaceAll('`', '').replace(/^\| /, '')
}
