import { distance } from '../../core/nearest-name.ts'
import { fillIn, tagsIn, type Tags } from '../tags.ts'
import type { Finding } from './finding.ts'
import { lineAt } from './html-tokens.ts'

/** Longer than most notifications and previews show. */
const SIGHT = 200

/** Whether the code is where people look for it; lines are those of the text, from 1. */
export function codePlace(text: string, tags: Tags): Finding[] {
  const otp = tags.get('otp')!
  const filled = fillIn(text, tags).text.slice(0, SIGHT)
  if (filled.split('\n').some((line) => line.trim() === otp)) return []
  const tag = tagsIn(text).find(({ name }) => name === 'otp')
  const message =
    `The code is not on a line of its own within the first ${SIGHT} characters of the text. ` +
    'Put it there: people and their programs look for it at the top.'
  return [
    { rule: 'code-place', severity: 'warning', line: tag ? lineAt(text, tag.index) : 1, message },
  ]
}

/** Tags that mean nothing. They are sent as they are written. */
export function unknownTags(
  text: string,
  known: ReadonlySet<string>,
  kind: 'text' | 'html' = 'text',
): Finding[] {
  const unknown = tagsIn(text, kind).filter(({ name }) => !known.has(name))
  const first = new Map(unknown.toReversed().map((one) => [one.name, one]))
  return [...first.values()].toReversed().map(({ name, written, index }) => ({
    rule: 'tag',
    severity: 'warning',
    line: lineAt(text, index),
    message: `${written} means nothing and is sent as it is. ${hint(name, known)}`,
  }))
}

function hint(name: string, known: ReadonlySet<string>): string {
  if (/^pin$/i.test(name)) return 'A PIN is never put into a mail: remove it.'
  const typo = (one: string) => distance(name.toLowerCase(), one.toLowerCase())
  const nearest = [...known].find((one) => name.length < 100 && typo(one) <= 1)
  return nearest ? `Did you mean {${nearest}}?` : 'Remove it, or use one of the known tags.'
}

/** Addresses of web pages in the text, which mail programs turn into links. */
export const textLinks = (text: string): Finding[] =>
  [...text.matchAll(/https?:\/\//gi)].map(({ index }) => ({
    rule: 'link',
    severity: 'warning',
    line: lineAt(text, index),
    message: 'The text has a link. Leave it out, and say where to go in words.',
  }))
