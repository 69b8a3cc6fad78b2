/** What of the functions' output is shown while the local stack runs. */

export type LogLine = (line: string, functionName: string) => void

/** Everything when asked for, else errors, and why a mail is missing. */
export function consoleLog(
  everything: boolean,
  write = (text: string) => void process.stderr.write(text),
): LogLine {
  return (line) => {
    if (everything || isError(line)) write(`${line}\n`)
    const withheld = withheldMail(line)
    if (withheld) write(`${withheld}\n`)
  }
}

/** A sentence about a mail that a limit kept back: nobody else tells why none comes. */
function withheldMail(line: string): string | undefined {
  if (!line.includes('"mail_limit"')) return undefined
  try {
    const { message, reason, user } = JSON.parse(line) as Record<string, unknown>
    if (message !== 'request' || reason !== 'mail_limit') return undefined
    const whom = typeof user === 'string' ? ` to ${user}` : ''
    return (
      `No mail${whom}: mail.per_hour or mail.per_day is reached. ` +
      'npx otpost config set mail.per_hour=0 mail.per_day=0 lifts both.'
    )
  } catch {
    return undefined
  }
}

function isError(line: string): boolean {
  try {
    const { level } = JSON.parse(line) as { level?: unknown }
    return typeof level === 'string' && /^(error|critical|fatal)$/i.test(level)
  } catch {
    return /\berror\b|exception/i.test(line)
  }
}
