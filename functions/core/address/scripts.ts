/** Alphabets whose letters pass for another's: а (Cyrillic) for a, ο (Greek) for o. */
const ALIKE = [
  /\p{Script=Latin}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
]

/**
 * Whether a word mixes alphabets that look alike, as no registry lets a domain do (UTS #39 §5.2).
 * Latin beside Han, Kana or Hangul is usual and passes; a word that is foreign throughout passes
 * too, since nothing in it tells an imitation from a name.
 */
export const mixesScripts = (word: string): boolean =>
  ALIKE.filter((script) => script.test(word)).length > 1
