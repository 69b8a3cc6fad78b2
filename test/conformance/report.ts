/** Results as text: what is failing, for who repairs it, and the table that is published. */
import type { Difference } from './compare.ts'
import { scenariosOf } from './recording.ts'
import type { Result } from './run.ts'

const short = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 300)

const line = ({ at, recorded, running }: Difference) =>
  `    ${at}: ${short(recorded)} but is ${short(running)}`

/** What a difference is about, so that those with one cause stand together. */
const causeOf = ({ differences: [first] }: Result) =>
  first
    ? `${first.at.replace(/\.\d+/g, '[]')}: ${short(first.recorded).slice(0, 90)} but is ${short(first.running).slice(0, 90)}`
    : 'listed as different, yet as recorded'

const count = (results: Result[], verdict: Result['verdict']) =>
  results.filter((result) => result.verdict === verdict).length

/** The failing steps with their differences, grouped by the first one. */
export function failingList(results: Result[]): string {
  const failing = results.filter(({ verdict }) => verdict === 'failing')
  const groups = [...Map.groupBy(failing, causeOf)].sort(([, a], [, b]) => b.length - a.length)
  const body = groups.map(([cause, group]) => {
    const steps = group.map(({ step, differences }) => {
      const { method, url, body = '' } = step.request
      const head = `  ${step.name}  ${method} ${url} ${body}`
      return [head, ...differences.slice(0, 8).map(line)].join('\n')
    })
    return `## ${group.length} × ${cause}\n${steps.join('\n')}\n`
  })
  return [`${totals(results)}\n`, ...body].join('\n')
}

const totals = (results: Result[]) =>
  [
    `${count(results, 'reproduced')} reproduced`,
    `${count(results, 'different')} deliberately different`,
    `${count(results, 'failing')} failing`,
    `${results.length} in all`,
  ].join(', ')

const INTRODUCTION = `# Conformance

<!-- Written by test/conformance/privacyidea.test.ts when it is run with \`-u\`; do not edit. -->

\`test/conformance/\` replays ${'`recorded/privacyidea.json`'} against the local stack: 466 requests that a real
privacyIDEA server (development head of mid-2026, 3.14) answered, with the setup each ran under and
the mails it sent. An answer is compared key by key and its signature verified, a mail by sender,
recipient, subject and body, and the tokens afterwards by what \`GET /token/\` shows. Ids, times, sessions and codes are those of
the running service. Beside the recorded setup, mail and guess budgets are generous, the mail's text
is the bare code as in the reference, and a trigger waits for its mail.
`

/** The conformance table in Markdown. */
export function markdown(results: Result[]): string {
  const byName = new Map(results.map((result) => [result.step.name, result]))
  const groups = scenariosOf(results.map(({ step }) => step))
  const rows = [...groups].map(([scenario, steps]) => {
    const group = steps.map(({ name }) => byName.get(name)!)
    const cells = (['reproduced', 'different', 'failing'] as const).map((one) => count(group, one))
    return `| ${scenario} | ${cells.join(' | ')} |`
  })
  const different = results.filter(({ reason }) => reason !== undefined)
  const reasons = [...Map.groupBy(different, ({ reason }) => reason!)].map(([reason, group]) => {
    const steps = group.map(({ step }) => `\`${step.name}\``).join(', ')
    return `- ${reason}\\\n  ${steps}`
  })
  return [
    INTRODUCTION,
    `**${totals(results)}.**`,
    '',
    '<!-- prettier-ignore -->',
    '| Scenario | Reproduced | Deliberately different | Failing |',
    '| --- | ---: | ---: | ---: |',
    ...rows,
    '',
    '## Deliberately different',
    '',
    'What Otpost answers instead is asserted too; one that is no longer different fails the test.',
    '',
    ...reasons,
    '',
  ].join('\n')
}
