import { readJsonFile, replaceFileSync } from './json-file.ts'

/** What the local stack remembers of itself between runs. */
export type State = {
  /** The mail port it last wrote into the parameters. */
  smtpPort?: number
  /** The demo's users have been made. */
  seeded?: boolean
}

/** Empty without a file. */
export function readState(path: string | undefined): State {
  return (path && readJsonFile<State>(path)) || {}
}

export function writeState(path: string | undefined, state: State): void {
  if (path) replaceFileSync(path, `${JSON.stringify(state)}\n`)
}
