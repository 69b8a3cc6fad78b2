import { createHash } from 'node:crypto'

const BYTES = 16

/** 128 bits of SHA-256: short, and another text of the same digest is not found. It hides nothing. */
export const digestOf = (text: string): string =>
  createHash('sha256').update(text).digest().subarray(0, BYTES).toString('base64url')
