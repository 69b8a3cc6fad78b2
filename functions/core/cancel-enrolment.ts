import { admitAccount } from './admit-login.ts'
import { afterSuccess } from './after-success.ts'
import { isElsewhere } from './application.ts'
import type { Decided } from './authenticate.ts'
import type { Caller } from './caller.ts'
import { changeAccount } from './change-account.ts'
import { NO_POLICY } from './login-policy.ts'
import { openStep, withoutStep } from './login-step.ts'
import { type Outcome, rejected } from './outcome.ts'
import type { Ports } from './ports.ts'

/**
 * Lets a person in who need not add an address and will not: their first factor was right when the
 * transaction began. The transaction is used up by it.
 */
export async function cancelEnrolment(
  ports: Ports,
  transactionId: string,
  asking: Caller,
): Promise<Decided> {
  const [pointer] = await ports.challenges.list(transactionId)
  const account = pointer && (await ports.accounts.get(pointer.account))
  if (!account) return { ...NOTHING_TO_CANCEL, policy: NO_POLICY }

  const { policy, caller, outcome: refused } = await admitAccount(ports, account, asking)
  if (refused) return { ...refused, policy }
  const cancelled = await changeAccount<Outcome>(ports, account, (current) => {
    const step = openStep(current, transactionId, ports.now())
    if (step?.kind !== 'address' || !step.optional) {
      return { result: rejected('unknown', current, []) }
    }
    if (isElsewhere(step, caller)) return { result: rejected('other_application', current, []) }
    const after = withoutStep(current, transactionId)
    return { after, result: { outcome: 'passed', by: 'cancelled', policies: [], account: after } }
  })
  if (cancelled?.outcome !== 'passed') return { ...(cancelled ?? NOTHING_TO_CANCEL), policy }
  return { ...(await afterSuccess(ports, cancelled, { policy, caller })), policy }
}

const NOTHING_TO_CANCEL: Outcome = { outcome: 'rejected', reason: 'unknown', serials: [] }
