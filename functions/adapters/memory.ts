/** Accounts and challenges in Maps, with the same conditions as DynamoDB's: for tests. */
import type { Account } from '../core/account.ts'
import { AUDIT_WINDOW, type AuditEntry, type AuditLog, fitsAudit } from '../core/audit.ts'
import { charged } from '../core/budget.ts'
import type { Challenge } from '../core/challenge.ts'
import type { CountedTries } from '../core/counted-try.ts'
import type { ProviderTries } from '../core/managed-provider.ts'
import { entriesLooked, timesKept } from '../core/mail-times.ts'
import type { AccountStore, ChallengeStore, Clock, SaveResult } from '../core/ports.ts'
import type { Admin, AdminStore } from '../core/sign-in.ts'
import { claimRefusal, refusal, verdict } from './refusal.ts'

const SENDING_STALE = 30_000

export function memoryAccounts(): AccountStore {
  const accounts = new Map<string, Account>()
  const serials = new Map<string, string>()
  const read = (key: string) => structuredClone(accounts.get(key))
  const write = (account: Account) => {
    accounts.set(account.key, structuredClone(account))
  }
  const save = (before: Account, after: Account): SaveResult => {
    const current = read(before.key)
    if (current?.rev !== before.rev) return { saved: false, current }
    write({ ...after, rev: before.rev + 1 })
    return { saved: true }
  }

  return {
    get: async (key) => read(key),
    findSerial: async (serial) => serials.get(serial),
    save: async (before, after) => save(before, after),
    async charge(key, charge) {
      const account = read(key)
      if (account) write({ ...charged(account, charge), rev: account.rev + 1 })
    },
    async create(account) {
      if (accounts.has(account.key)) return false
      write(account)
      return true
    },
    async createMany(created) {
      return created.map((account) => {
        const met = read(account.key)
        if (!met) write(account)
        return met
      })
    },
    async remove({ key, rev, tokens }) {
      const current = read(key)
      const entries = Object.keys(tokens)
      const foreign = entries.some((serial) => (serials.get(serial) ?? key) !== key)
      if (current?.rev !== rev || foreign) return { saved: false, current }
      for (const serial of entries) serials.delete(serial)
      accounts.delete(key)
      return { saved: true }
    },
    async addToken(before, after, serial) {
      if (serials.has(serial)) return { saved: false, taken: true }
      const result = save(before, after)
      if (result.saved) serials.set(serial, after.key)
      return result
    },
    async dropToken(before, after, serial) {
      const result = save(before, after)
      if (result.saved) serials.delete(serial)
      return result
    },
    async moveToken(serial, from, to) {
      const stale = [from, to].some(({ before }) => read(before.key)?.rev !== before.rev)
      if (stale) return false
      if (from.after) save(from.before, from.after)
      else accounts.delete(from.before.key)
      save(to.before, to.after)
      serials.set(serial, to.after.key)
      return true
    },
    async *all() {
      for (const key of [...accounts.keys()]) yield read(key)!
    },
  }
}

export function memoryChallenges(): ChallengeStore {
  const stored = new Map<string, Challenge & { claimedAt?: number }>()
  const mails = new Map<string, number[]>()
  const id = (transactionId: string, serial: string) => `${transactionId}/${serial}`
  const read = (transactionId: string, serial: string) => stored.get(id(transactionId, serial))

  return {
    async put(challenge) {
      stored.set(id(challenge.transactionId, challenge.serial), { ...challenge })
    },
    get: async (transactionId, serial) => structuredClone(read(transactionId, serial)),
    getMany: async (keys) =>
      keys.flatMap(
        ({ transactionId, serial }) => structuredClone(read(transactionId, serial)) ?? [],
      ),
    list: async (transactionId) =>
      [...stored.values()]
        .filter((one) => one.transactionId === transactionId)
        .map((one) => structuredClone(one)),
    async guess(guess) {
      const one = read(guess.transactionId, guess.serial)
      const open =
        one?.otpMac !== undefined &&
        one.guessMac !== one.otpMac &&
        one.guessedBy !== guess.nonce &&
        one.expiresAt > guess.now &&
        one.attempts < one.maxAttempts
      if (!open) return refusal(one, guess)
      one.guessMac = guess.guessMac
      one.guessedBy = guess.nonce
      one.attempts++
      return verdict(one, guess)
    },
    async close(transactionId, serial) {
      const one = read(transactionId, serial)
      if (one) Object.assign(one, { guessMac: one.otpMac ?? 'closed', maxAttempts: 0 })
    },
    async claim(transactionId, serial, answer, now) {
      const one = read(transactionId, serial)
      const free =
        one !== undefined &&
        one.expiresAt > now &&
        one.attempts < one.maxAttempts &&
        one.guessMac !== one.otpMac &&
        one.delivery !== 'sent' &&
        (one.delivery !== 'sending' || (one.claimedAt ?? 0) < now - SENDING_STALE)
      if (!free) return claimRefusal(one, now)
      Object.assign(one, { ...answer, delivery: 'sending', claimedAt: now })
      return 'claimed'
    },
    async mark(transactionId, serial, { state, reply, provider }) {
      const one = read(transactionId, serial)
      if (one && one.delivery !== 'sent') Object.assign(one, { delivery: state, reply, provider })
    },
    async note(transactionId, serial, fate) {
      const one = read(transactionId, serial)
      if (one && (one.fate?.rank ?? -1) < fate.rank) one.fate = { ...fate }
      return one?.account
    },
    async admitMail(mailbox, limits, now) {
      const times = mails.get(mailbox) ?? []
      const full = entriesLooked(limits, now).some(({ index, before }) => times[index]! > before)
      if (!full) mails.set(mailbox, [now, ...times].slice(0, timesKept(limits)))
      return !full
    },
  }
}

export function memoryAdmins(): AdminStore {
  const admins = new Map<string, Admin>()
  return {
    get: async (name) => structuredClone(admins.get(name)),
    async save(admin, rev) {
      if ((admins.get(admin.name)?.rev ?? 0) !== rev) return false
      admins.set(admin.name, structuredClone(admin))
      return true
    },
    remove: async (name) => admins.delete(name),
    all: async () => structuredClone([...admins.values()]),
  }
}

export function memoryProviderTries(): ProviderTries {
  const tries = new Map<string, CountedTries>()
  return {
    get: async (name) => structuredClone(tries.get(name)),
    async save(name, next, rev) {
      if ((tries.get(name)?.rev ?? 0) !== rev) return false
      tries.set(name, structuredClone(next))
      return true
    },
  }
}

/** The audit of these entries, which may be added to at any time. */
export function memoryAudit(entries: readonly AuditEntry[], clock: Clock): AuditLog {
  return {
    async find(filter, limit) {
      const to = filter.to ?? clock()
      const from = filter.from ?? to - AUDIT_WINDOW
      return entries
        .filter((entry) => entry.at >= from && entry.at <= to && fitsAudit(entry, filter))
        .toSorted((a, b) => b.at - a.at)
        .slice(0, limit)
    },
  }
}
