/** Results as text. */
import type { Difference } from './compare.ts'
import type { Result } from './run.ts'

const short = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 260)

const line = ({ at, recorded, running }: Difference) =>
  `    ${at}: ${short(recorded)} but is ${short(running)}`

/** What a difference is about, so that those with one cause stand together. */
const causeOf = ({ differences: [first], stale }: Result) =>
  stale
    ? 'listed as different, yet as recorded'
    : `${first!.at.replace(/\.\d+/g, '[]')}: ${short(first!.recorded).slice(0, 90)} but is ${short(first!.running).slice(0, 90)}`

/** The failing steps, grouped by their first difference. */
export function failingList(results: Result[]): string {
  const failing = results.filter(({ verdict }) => verdict === 'failing')
  const count = (verdict: Result['verdict']) =>
    results.filter((result) => result.verdict === verdict).length
  const head = `${count('reproduced')} reproduced, ${count('different')} different, ${failing.length} failing of ${results.length}\n`
  const groups = [...Map.groupBy(failing, causeOf)].sort(([, a], [, b]) => b.length - a.length)
  const body = groups.map(([cause, group]) => {
    const steps = group.map(({ step, differences }) => {
      const { method, url, body = '' } = step.request
      return [`  ${step.name}  ${method} ${url} ${body}`, ...differences.slice(0, 8).map(line)].join('\n')
    })
    return `## ${group.length} × ${cause}\n${steps.join('\n')}\n`
  })
  return [head, ...body].join('\n')
}
