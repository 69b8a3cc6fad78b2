import type { Challenge, Claim, Guess, GuessResult } from '../core/challenge.ts'

/** What a guess was that its write has just put into this challenge. */
export function verdict(stored: Challenge, guess: Guess): GuessResult {
  if (stored.guessMac !== stored.otpMac) return 'wrong'
  return stored.seal === guess.seal ? 'accepted' : 'altered'
}

/** Why the write of a guess was refused, told from the challenge it met. */
export function refusal(stored: Challenge | undefined, guess: Guess): GuessResult {
  if (!stored) return 'missing'
  const answered = stored.otpMac !== undefined && stored.otpMac === stored.guessMac
  if (answered && stored.otpMac === guess.guessMac && stored.seal !== guess.seal) return 'altered'
  if (stored.guessedBy === guess.nonce) {
    // closed by a sibling after this request's wrong guess: answered, but not by it
    return answered && stored.guessMac === guess.guessMac ? 'accepted' : 'wrong'
  }
  if (answered) return stored.otpMac === guess.guessMac ? 'replayed' : 'used'
  if (stored.expiresAt <= guess.now) return 'expired'
  return stored.otpMac === undefined ? 'missing' : 'exhausted'
}

/** Why a claim was refused, told from the challenge it met. */
export function claimRefusal(
  stored: Challenge | undefined,
  now: number,
): Exclude<Claim, 'claimed'> {
  const toBeSent =
    stored !== undefined &&
    stored.expiresAt > now &&
    stored.attempts < stored.maxAttempts &&
    stored.guessMac !== stored.otpMac
  return toBeSent && stored.delivery === 'sending' ? 'sending' : 'done'
}
