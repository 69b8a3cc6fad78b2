/** How a password reads, and what leaves it as it is when written back: privacyIDEA's word. */
export const MASK = '__CENSORED__'
