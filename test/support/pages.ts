/** The pages that people read, taken apart for the test of what they say. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))

export type Page = {
  /** Below the root of the repository. */
  path: string
  text: string
  /** What fenced blocks of shell say, one command per entry, without comments. */
  shell: string[]
  /** What stands between backticks, on one line. */
  words: string[]
  /** The anchors of its headings, as GitHub makes them. */
  anchors: Set<string>
  headings: { level: number; text: string }[]
}

/** The README and every page beside it. */
export const pages = (): Page[] =>
  ['README.md', ...pathsIn('.github')].map((path) =>
    pageOf(path, readFileSync(ROOT + path, 'utf8')),
  )

const pathsIn = (folder: string) =>
  readdirSync(ROOT + folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`)

const FENCE = /^```(\w*)\n([^]*?)^```$/gm

function pageOf(path: string, text: string): Page {
  const prose = text.replaceAll(FENCE, '')
  const headings = [...prose.matchAll(/^(#+) (.+)$/gm)].map(([, marks, title]) => ({
    level: marks!.length,
    text: title!,
  }))
  return {
    path,
    text,
    shell: [...text.matchAll(FENCE)]
      .filter(([, language]) => language === 'sh')
      .flatMap(([, , code]) => commandsOf(code!)),
    words: [...prose.matchAll(/`([^`]+)`/g)].map(([, word]) => word!.replaceAll(/\s+/g, ' ')),
    anchors: new Set(headings.map(({ text: title }) => anchorOf(title))),
    headings,
  }
}

const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

/** The lines of a block, continued ones joined, with the block's own `name=value` put in. */
function commandsOf(code: string): string[] {
  const lines = code
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((line) => line !== '')
  const set = new Map<string, string>()
  return lines.map((line) => {
    const filled = line.replaceAll(/\$(\w+)/g, (all, name) => set.get(name) ?? all)
    for (const [, name, value] of filled.matchAll(/(?:^|; )(\w+)=([^\s;$']+)/g))
      set.set(name!, value!)
    return filled
  })
}

/** The words of a line as a shell takes them, where quotes are around whole words. */
export const wordsOf = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain!,
  )
