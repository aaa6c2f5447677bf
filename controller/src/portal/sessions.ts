import { randomBytes } from "node:crypto";
import { type Clock, timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { PortalSessionTable } from "../store/portal/schema.ts";
import type { Store } from "../store/store.ts";
import type { StoreTransaction } from "../store/transaction.ts";
import { allows, type Scope } from "../tokens/scope.ts";
import { type PortalRole, type SecondFactor, scopesOf, wantsSecondFactor } from "./roles.ts";
import { newSecret, secretHash } from "./secrets.ts";

/** A session that nobody used for so long is over; so is the oldest kind of all, however much it is used. */
export const IDLE_MS = 60 * 60_000;
export const LIFETIME_MS = 12 * 60 * 60_000;
/** How old may be what is written down of when one was used; it is written for all together (`writeSeen`). */
const TOUCH_MS = 60_000;
/** The oldest ends when one more is opened. */
const MOST_OF_USER = 20;
const PRUNE_AT_ONCE = 1000;

/** A session that is good now, and what it allows. */
export interface LiveSession {
  readonly id: string;
  readonly account: string;
  readonly role: PortalRole;
  readonly secondFactor: SecondFactor;
  /** True: no rights beyond his own affairs until there is a second factor. */
  readonly wantsSecondFactor: boolean;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly endsAt: string;
  /** Aborted when it ends before its time: what it opened must close. */
  readonly ended: AbortSignal;
}

/** Where a session is opened. */
export interface Place {
  readonly address: string;
  readonly agent: string;
}

interface Watched {
  readonly end: AbortController;
  readonly account: string;
  seenMs: number;
  readonly endsMs: number;
}

/**
 * Sessions of people who signed in. The database is asked at every request, joined with the user's role and state, so whoever
 * loses a right loses it at the next one; in memory is only what long answers have to be closed by, and when each was used last.
 */
export class Sessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #watched = new Map<string, Watched>();
  /** Used since it was last written down, by id. */
  readonly #unwritten = new Map<string, number>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The session whose secret this is, if it is neither over nor ended. */
  async find(secret: string): Promise<LiveSession | undefined> {
    // Whoever measures the look-up learns of a hash, and cannot choose secrets by their hashes.
    const row = await this.#store.read.portal.session(secretHash(secret));
    if (row === undefined || row.state === "removed") return undefined;
    const nowMs = this.#clock.wallMs();
    if (isOver(row, nowMs, this.#unwritten.get(row.id))) return undefined;
    const watched = this.#watch(row);
    watched.seenMs = nowMs;
    if (nowMs - Date.parse(row.seen_at) >= TOUCH_MS) this.#unwritten.set(row.id, nowMs);
    const { id, account, role, state, second_factor: secondFactor } = row;
    return {
      id,
      account,
      role,
      secondFactor,
      wantsSecondFactor: wantsSecondFactor({ role, secondFactor }),
      scopes: scopesOf({ role, state, secondFactor }),
      createdAt: row.created_at,
      endsAt: row.ends,
      ended: watched.end.signal,
    };
  }

  /** What long answers ask now and again. */
  isLive({ id }: LiveSession): boolean {
    const watched = this.#watched.get(id);
    const nowMs = this.#clock.wallMs();
    return watched !== undefined && nowMs < watched.endsMs && nowMs - watched.seenMs < IDLE_MS;
  }

  /**
   * Opens a session within a transaction and returns its secret, which is kept nowhere. `instead` ends, and the new one lasts
   * no longer than it would have. Ids that must close are to be given to `cutOff` after the commit.
   */
  async open(
    tx: StoreTransaction,
    { account, secondFactor, place }: { account: string; secondFactor: SecondFactor; place: Place },
    instead?: LiveSession,
  ): Promise<{ readonly secret: string; readonly id: string; readonly closed: readonly string[] }> {
    const nowMs = this.#clock.wallMs();
    const secret = newSecret();
    const id = randomBytes(12).toString("hex");
    const closed: string[] = [];
    if (instead !== undefined) {
      await tx.portal.removeSession(instead.id);
      closed.push(instead.id);
    }
    const before = await tx.portal.sessionsOf(account);
    for (const one of before.slice(0, Math.max(0, before.length - MOST_OF_USER + 1))) {
      await tx.portal.removeSession(one.id);
      await recordEnd(tx, this.#clock, one, `user:${account}`, "too many sessions");
      closed.push(one.id);
    }
    await tx.portal.addSession({
      id,
      hash: secretHash(secret),
      account,
      second_factor: secondFactor,
      created_at: timestamp(nowMs),
      seen_at: timestamp(nowMs),
      ends: instead?.endsAt ?? timestamp(nowMs + LIFETIME_MS),
      address: place.address.slice(0, 64),
      agent: harmless(place.agent),
    });
    return { secret, id, closed };
  }

  /** Oldest first; those that are over are left out. */
  async list(account: string): Promise<readonly PortalSessionTable[]> {
    await this.writeSeen();
    const nowMs = this.#clock.wallMs();
    const rows = await this.#store.read.portal.sessionsOf(account);
    return rows.filter((row) => !isOver(row, nowMs));
  }

  /** Ends one of a user's. Throws `unknown-session`, for another user's too. */
  async end(account: string, id: string, who: string, why: string): Promise<void> {
    await this.#store.transaction(async (tx) => {
      const row = (await tx.portal.sessionsOf(account)).find((one) => one.id === id);
      if (row === undefined) throw new ControllerError("unknown-session", `${account} has no such session`);
      await tx.portal.removeSession(id);
      await recordEnd(tx, this.#clock, row, who, why);
    });
    this.cutOff([id]);
  }

  /** Within a transaction: ends all of a user's but one. The ids are to be given to `cutOff` after the commit. */
  async endAll(
    tx: StoreTransaction,
    account: string,
    { who, why, but }: { readonly who: string; readonly why: string; readonly but?: string },
  ): Promise<readonly string[]> {
    const rows = (await tx.portal.sessionsOf(account)).filter(({ id }) => id !== but);
    for (const row of rows) {
      await tx.portal.removeSession(row.id);
      await recordEnd(tx, this.#clock, row, who, why);
    }
    return rows.map(({ id }) => id);
  }

  /** Closes what these sessions opened. */
  cutOff(ids: readonly string[]): void {
    for (const id of ids) {
      this.#watched.get(id)?.end.abort();
      this.#watched.delete(id);
    }
  }

  /** Closes what a user's sessions opened; what they may now is asked anew. */
  cutOffUser(account: string): void {
    this.cutOff([...this.#watched].filter(([, one]) => one.account === account).map(([id]) => id));
  }

  /**
   * Writes down when sessions were used, in one commit: each waits for the disk and nothing else is done meanwhile. To be called every
   * few seconds; what a controller that dies has not written makes a session that nobody uses end so much earlier.
   */
  async writeSeen(): Promise<void> {
    const seen = [...this.#unwritten];
    if (seen.length === 0) return;
    await this.#store.transaction(async (tx) => {
      for (const [id, seenMs] of seen) await tx.portal.touchSession(id, timestamp(seenMs));
    });
    for (const [id, seenMs] of seen) if (this.#unwritten.get(id) === seenMs) this.#unwritten.delete(id);
  }

  /** Ends those whose time is over. */
  async prune(): Promise<void> {
    await this.writeSeen();
    const nowMs = this.#clock.wallMs();
    const [now, idleSince] = [timestamp(nowMs), timestamp(nowMs - IDLE_MS)];
    if ((await this.#store.read.portal.sessionsOver(now, idleSince, 1)).length === 0) return;
    const over = await this.#store.transaction(async (tx) => {
      const rows = await tx.portal.sessionsOver(now, idleSince, PRUNE_AT_ONCE);
      for (const row of rows) {
        await tx.portal.removeSession(row.id);
        const unused = Date.parse(row.seen_at) + IDLE_MS < Date.parse(row.ends);
        await recordEnd(tx, this.#clock, row, "controller", unused ? "not used" : "its time is over");
      }
      return rows;
    });
    this.cutOff(over.map(({ id }) => id));
  }

  #watch({ id, account, ends }: PortalSessionTable): Watched {
    const known = this.#watched.get(id);
    if (known !== undefined) return known;
    const watched = { end: new AbortController(), account, seenMs: 0, endsMs: Date.parse(ends) };
    this.#watched.set(id, watched);
    return watched;
  }
}

/** Whether a session allows what needs `wanted`. */
export function sessionAllows({ scopes }: LiveSession, wanted: Scope): boolean {
  return allows(scopes, wanted);
}

/** `seenMs`: when it was used after what is written down. */
function isOver({ ends, seen_at }: PortalSessionTable, nowMs: number, seenMs = 0): boolean {
  return nowMs >= Date.parse(ends) || nowMs - Math.max(seenMs, Date.parse(seen_at)) >= IDLE_MS;
}

async function recordEnd(
  tx: StoreTransaction,
  clock: Clock,
  { id, account }: PortalSessionTable,
  who: string,
  why: string,
): Promise<void> {
  const detail = JSON.stringify({ user: account, session: id, why });
  await tx.addAudit({ at: timestamp(clock.wallMs()), who, what: "session end", detail });
}

/** What a stranger's browser says, fit for an operator's terminal. */
function harmless(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
