/** What of the functions' output is shown while the local stack runs. */

export type LogLine = (line: string, functionName: string) => void

/** Everything when asked for, else errors only. */
export function consoleLog(everything: boolean): LogLine {
  return (line) => {
    if (everything || isError(line)) process.stderr.write(`${line}\n`)
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
