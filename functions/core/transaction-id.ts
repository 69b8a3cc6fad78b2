import type { Random } from './ports.ts'

const LENGTH = 20

/** 20 decimal digits, each equally likely: what the reference's clients expect as a string. */
export function newTransactionId(random: Random): string {
  let digits = ''
  while (digits.length < LENGTH) {
    for (const byte of random(LENGTH)) {
      if (byte < 250 && digits.length < LENGTH) digits += byte % 10
    }
  }
  return digits
}
