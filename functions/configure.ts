import middy from '@middy/core'
import { composeConfigure } from './compose.ts'

const publish = composeConfigure()

/**
 * Puts the parameters in force. The event does not matter: a changed parameter, the sweep and an
 * operator's call all mean "look again".
 */
export const handler = middy(() => publish())
