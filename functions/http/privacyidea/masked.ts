/** How a password reads, and what leaves it as it is when written back. */
export const MASK = '__CENSORED__'
