import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  NotFoundException,
  type SESv2Client,
  SESv2ServiceException,
} from '@aws-sdk/client-sesv2'
import type { MailAccount } from '../core/operator/ports.ts'

/** What SES says about the account and its identities. */
export const sesAccount = (client: SESv2Client): MailAccount => ({
  async state() {
    const account = await client.send(new GetAccountCommand({}))
    return {
      sendingEnabled: account.SendingEnabled ?? false,
      productionAccess: account.ProductionAccessEnabled ?? false,
      dailyQuota: account.SendQuota?.Max24HourSend ?? 0,
      sentToday: account.SendQuota?.SentLast24Hours ?? 0,
    }
  },

  async identity(name) {
    try {
      const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: name }))
      return found.VerifiedForSendingStatus ? 'verified' : 'unverified'
    } catch (error) {
      if (error instanceof NotFoundException) return 'none'
      // The grant names the identities of the deployment; others are none of this function's business.
      const denied =
        error instanceof SESv2ServiceException && error.name === 'AccessDeniedException'
      if (denied) return 'hidden'
      throw error
    }
  },
})
