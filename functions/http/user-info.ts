import type { Account } from '../core/account.ts'

/** What both references tell of a user, without the hash of the password they add. */
export function userInfo({ login = '', email, givenname, surname, phone, mobile }: Account) {
  return {
    email: email ?? '',
    givenname: givenname ?? '',
    mobile: mobile ?? '',
    phone: phone ?? '',
    surname: surname ?? '',
    userid: login,
    username: login,
  }
}
