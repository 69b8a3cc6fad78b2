const MAX_LENGTH = 64
const MAX_QUANTIFIERS = 2
const MAX_GROUPS = 1

const ESCAPE_OR_CLASS = /\\.|\[(?:\\.|[^\]\\])*\]/g
const QUANTIFIER = /[*+?]|\{\d+,\d*\}/g

/**
 * Why a regular expression will not do, if so. Node matches by backtracking, where an expression can
 * cost exponential time; within these limits it costs at most the cube of the text's length.
 */
export function patternRefusal(pattern: string): string | undefined {
  if (pattern.length > MAX_LENGTH) return `is ${pattern.length} characters long`
  if (!compiles(pattern)) return 'is no regular expression'
  if (/\\[1-9k]/.test(pattern)) return 'refers back to a group'

  const skeleton = pattern.replace(ESCAPE_OR_CLASS, '.')
  if (skeleton.includes('(?')) return 'has a group that is not plain'
  if (/\)[*+?{]/.test(skeleton)) return 'repeats a group'
  if (count(skeleton, /\(/g) > MAX_GROUPS) return `has more than ${MAX_GROUPS} group`
  if (count(skeleton, QUANTIFIER) > MAX_QUANTIFIERS) {
    return `has more than ${MAX_QUANTIFIERS} of * + ? {n,m}`
  }
  return undefined
}

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern)
    return true
  } catch {
    return false
  }
}

/** Whether a pattern that was not refused finds something in a serial. */
export const matchesSerial = (pattern: RegExp, serial: string): boolean =>
  serial.length <= MAX_LENGTH && pattern.test(serial)
