/** Where users come from: one port, whatever keeps them. */

/** What a source knows of a user. Values are as the source has them: not judged, not normalised. */
export type SourceUser = {
  /** The name as the source spells it. */
  login: string
  /** Stays when the login changes. */
  uid: string
  /** In the order of the source; the first that can be used gets the mail. */
  email: readonly string[]
  givenname?: string
  surname?: string
  phone?: string
  mobile?: string
  locale?: string
}

/** A page of users by name. `next` undefined: there are no more. */
export type UserPage = { users: SourceUser[]; more: boolean }

/** A set of users and their passwords. What it cannot tell is a {@link SourceFault}, never a no. */
export interface UserSource {
  /** The user of that name; undefined when there is none. */
  find(login: string): Promise<SourceUser | undefined>
  /** Whether it is the password of the user of that very name. The empty one is nobody's. */
  checkPassword(login: string, password: string): Promise<boolean>
  /** Users whose name begins so, in no particular order. */
  list(prefix: string): Promise<UserPage>
}

/** A source could not be asked, or gave no answer that can be used. The message has no secret. */
export class SourceFault extends Error {
  override name = 'SourceFault'
}

/** The source works; it is this question that it cannot answer. */
export class UnanswerableError extends SourceFault {}

/** The source works and has been asked too much: the same question may be asked again later. */
export class SourceBusyError extends SourceFault {}

/** The sources that are not Otpost's own directory, by the names of their resolvers. */
export interface RemoteUsers {
  /** `fresh`: nothing that was heard some seconds ago. Throws {@link SourceFault}. */
  find(resolver: string, login: string, fresh?: boolean): Promise<SourceUser | undefined>
  /** Throws {@link SourceFault}. */
  checkPassword(resolver: string, login: string, password: string): Promise<boolean>
}

/** The longest name a source is asked for, in UTF-16 units. */
const LONGEST_LOGIN = 256

/** Whether it can be the name of a user: others are asked for nowhere. */
export const isLogin = (text: string): boolean =>
  text !== '' && text.length <= LONGEST_LOGIN && !/\p{Cc}/u.test(text) && text.isWellFormed()
