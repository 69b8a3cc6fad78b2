/** The reference's own words. */
export const en = {
  prompt: 'Enter the OTP from the Email',
  accepted: 'Found matching challenge',
  oneToken: 'matching 1 tokens',
  noMatch: 'Response did not match the challenge.',
  noMatchOfSeveral: 'Response did not match for {count} tokens.',
  wrongPin: 'wrong otp pin',
  wrongOtp: 'wrong otp value',
  previousOtp: 'wrong otp value. previous otp used again',
  noToken: 'The user has no tokens assigned',
  noSuitableToken: 'No suitable token found for authentication.',
  disabled: 'Token is disabled',
  locked: 'Failcounter exceeded',
  notEnrolled: 'Token is not yet enrolled',
  notValidNow: 'Outside validity period',
  notSent: 'The PIN was correct, but the EMail could not be sent!',
  hidden: 'Authentication failed.',
  newPin: 'Please enter a new PIN',
  newPinAgain: 'Please enter the new PIN again',
  newPinDiffers: 'PINs do not match',
  newPinSet: 'PIN successfully set.',
  address: 'Please enter your new email address!',
  cancelled: 'Cancelled enrollment via multichallenge',
  notCancelled: 'Failed to cancel enrollment via multichallenge',
  passedNoToken: "user has no token, accepted due to '{policies}'",
  passedNoUser: "user does not exist, accepted due to '{policies}'",
  passedUserstore: "against userstore due to '{policies}'",
} as const

/** The sentences clients show to people, by what they say. */
export type Messages = { readonly [Key in keyof typeof en]: string }
