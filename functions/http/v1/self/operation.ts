import type { Logged } from '../../application.ts'
import { admitToSelfService } from '../../callers.ts'
import type { Reply } from '../../reply.ts'
import { type Call, type Operation, operation, type OperationOf } from '../operation.ts'
import { NOTHING, type ObjectSchema } from '../schema.ts'
import { callerOf, type Demands, type SelfCaller } from './caller.ts'
import type { SelfPorts } from './ports.ts'

const TAG = 'Self-service'

type Declared<B extends ObjectSchema, Q extends ObjectSchema> = Omit<
  OperationOf<SelfPorts, B, Q>,
  'tag' | 'access' | 'rights' | 'admit' | 'handle'
>

/** Declares an operation for the holder of a session. What it demands is part of its description. */
export function selfOperation<
  const B extends ObjectSchema = typeof NOTHING,
  const Q extends ObjectSchema = typeof NOTHING,
>(
  declared: Declared<B, Q> &
    Demands & {
      handle(ports: SelfPorts, call: Call<B, Q> & { self: SelfCaller }): Promise<Reply | Logged>
    },
): Operation<SelfPorts> {
  const { activation, fresh, right, handle, ...rest } = declared
  return operation<SelfPorts, B, Q>({
    ...rest,
    tag: TAG,
    access: 'self',
    description: [declared.description, ...demandsOf({ activation, fresh, right })]
      .join(' ')
      .trim(),
    admit: (ports, request) => callerOf(ports, request, { activation, fresh, right }),
    handle: (ports, call) => handle(ports, { ...call, self: call.admitted as SelfCaller }),
  })
}

const demandsOf = ({ activation, fresh, right }: Demands): string[] => [
  ...(activation ? ['A session of an activation will do.'] : []),
  ...(fresh
    ? ['The session must be fresh, or the problem is of the type `reauthentication_required`.']
    : []),
  ...(right === undefined ? [] : [`Policies of the scope user may withhold it: \`${right}\`.`]),
]

/** Declares an operation that needs no session. */
export const openSelfOperation = <const B extends ObjectSchema>(
  declared: Declared<B, typeof NOTHING> & Pick<OperationOf<SelfPorts, B, typeof NOTHING>, 'handle'>,
): Operation<SelfPorts> =>
  operation<SelfPorts, B>({ ...declared, tag: TAG, access: 'open', admit: admitToSelfService })
