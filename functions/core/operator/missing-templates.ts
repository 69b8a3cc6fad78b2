import type { Problem } from '../settings-problems.ts'
import { PROVIDERS } from '../settings-schema.ts'
import { templateName } from '../template.ts'
import { command } from './check.ts'
import type { OperatorPorts } from './ports.ts'

/** Providers whose template is not in the store: the usual mail goes out instead. */
export async function missingTemplates(ports: OperatorPorts): Promise<Problem[]> {
  const { providers } = await ports.settings.current()
  const wanting = [...providers].filter(([, { template }]) => template !== '')
  if (wanting.length === 0) return []
  const stored = new Set((await ports.templates.list()).map(({ name }) => name))
  return wanting.flatMap(([provider, { template }]) => {
    const reading = templateName.read(template)
    const name = 'value' in reading ? reading.value : template
    if (stored.has(name)) return []
    return {
      name: PROVIDERS + provider,
      reason: `names the template ${name}, which does not exist: the usual mail goes out instead`,
      accepted: `one of ${command('template list', ports)}; a file becomes one by template put`,
      severity: 'warning',
    }
  })
}
