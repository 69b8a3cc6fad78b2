/** What a page tells its reader to type and to write into files. */
import { pages } from '../support/pages.ts'

const FILE = /^`([\w./-]+)`[^\n]*:\n\n```\n([^]*?)^```$/gm

export type Setup = {
  /** The text of each file by its name: a line that begins with the name, and the block after it. */
  files: Map<string, string>
  /** The lines for a shell, without comments. */
  commands: string[]
}

/** Reads a page of `.github`. */
export function setupOf(name: string): Setup {
  const { text, shell } = pages().find(({ path }) => path === `.github/${name}`)!
  const files = [...text.matchAll(FILE)].map(([, file, block]) => [file!, block!] as const)
  return { files: new Map(files), commands: shell }
}
