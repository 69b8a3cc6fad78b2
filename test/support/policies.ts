/** Policies as parameters, for the settings of a world. */
type Members = Record<string, unknown>

/** One policy of the scope `authentication`, in the reference's text of actions. */
export const authentication = (action: string, members: Members = {}, name = 'p') =>
  policy('authentication', action, members, name)

export const authorization = (action: string, members: Members = {}, name = 'q') =>
  policy('authorization', action, members, name)

export const policy = (scope: string, action: string, members: Members = {}, name = 'p') => ({
  [`policies/${name}`]: JSON.stringify({ scope, action, ...members }),
})
