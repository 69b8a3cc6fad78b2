import { CommandFailure } from './errors.ts'

/** Where a command was to run, as far as it is known. */
export type AwsPlace = {
  stage: string
  region?: string | undefined
  profile?: string | undefined
}

/** Runs a call of AWS; what an operator can mend becomes a CommandFailure that says how. */
export async function explained<T>(place: AwsPlace, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw error instanceof Error ? (explain(error, place) ?? error) : error
  }
}

function explain(error: Error, place: AwsPlace): CommandFailure | undefined {
  const sentence = sentenceFor(error, place)
  if (sentence === undefined) return undefined
  return new CommandFailure(sentence, { code: 'unavailable', cause: error })
}

const NO_ROUTE = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT']

function sentenceFor(error: Error, place: AwsPlace): string | undefined {
  const { stage, region, profile } = place
  const where = region ? ` in ${region}` : ''
  if (/region is missing/i.test(error.message)) {
    return 'No AWS region is set: name it with --region, or set AWS_REGION.'
  }
  switch (error.name) {
    case 'CredentialsProviderError':
    case 'TokenProviderError':
      return (
        `No AWS credentials could be used${profile ? ` from the profile ${profile}` : ''}. ` +
        'Sign in (aws sso login, aws configure) or name a profile with --profile. ' +
        `AWS says: ${firstLine(error.message)}`
      )
    case 'ExpiredTokenException':
    case 'ExpiredToken':
      return 'The AWS credentials have expired: sign in again.'
    case 'UnrecognizedClientException':
    case 'InvalidClientTokenId':
    case 'InvalidSignatureException':
    case 'SignatureDoesNotMatch':
      return 'AWS does not know these credentials: check --profile and the AWS_… variables.'
    case 'AccessDeniedException':
    case 'AccessDenied':
      return `These AWS credentials may not do this: ${firstLine(error.message)}`
    case 'ResourceNotFoundException':
      return (
        `There is no Otpost of the stage ${stage}${where}. Check --stage and --region, or deploy it: ` +
        `npm run deploy -- -c stage=${stage}`
      )
    case 'TooManyRequestsException':
    case 'ThrottlingException':
    case 'TooManyUpdates':
      return 'AWS asks for fewer requests: try again in a moment.'
    case 'ValidationException':
      return `AWS refuses this: ${firstLine(error.message)}`
    case 'TimeoutError':
      return 'AWS did not answer in time: try again.'
  }
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && NO_ROUTE.includes(code)) {
    return `AWS cannot be reached${where} (${code}): check the network and --region.`
  }
  return undefined
}

const firstLine = (text: string) => text.split('\n', 1)[0]!.trim()
