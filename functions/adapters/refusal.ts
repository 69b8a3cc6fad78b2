import type { Challenge, Guess, GuessResult } from '../core/challenge.ts'

/** Why the write of a guess was refused, told from the challenge it met. */
export function refusal(stored: Challenge | undefined, guess: Guess): GuessResult {
  if (!stored) return 'missing'
  const answered = stored.otpMac !== undefined && stored.otpMac === stored.guessMac
  if (stored.guessedBy === guess.nonce) return answered ? 'accepted' : 'wrong'
  if (answered) return stored.otpMac === guess.guessMac ? 'replayed' : 'used'
  if (stored.expiresAt <= guess.now) return 'expired'
  return stored.otpMac === undefined ? 'missing' : 'exhausted'
}
