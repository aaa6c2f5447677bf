import { timingSafeEqual } from "node:crypto";
import { type Clock, timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { TokenTable } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { isScope, type Scope } from "./scope.ts";
import { tokenHash, tokenText } from "./secret.ts";

/** Operators' tokens ever made; revoked ones count, for the audit log names them. */
const MAX_TOKENS = 10_000;
/** Tokens that one user ever made. */
const MAX_TOKENS_OF_USER = 200;

/** A token as operators see it. Times are RFC 3339. */
export interface TokenInfo {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  /** To the minute. */
  readonly lastUsedAt: string | null;
  /** The user whose token it is; null: an operator's. */
  readonly account: string | null;
}

/** A token that is good now. */
export interface LiveToken {
  readonly info: TokenInfo;
  /** Aborted when it is revoked: what it opened must close. */
  readonly revoked: AbortSignal;
}

interface Held {
  info: TokenInfo;
  readonly hash: Buffer;
  readonly revoke: AbortController;
  dirty: boolean;
}

export interface NewToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Seconds; undefined: never. */
  readonly expiresInS: number | undefined;
  readonly who: string;
  /** A user's own: it allows `self` and nothing else, whatever its scopes say. */
  readonly account?: string;
}

/** API tokens: only their hashes are held. Every change leaves an audit record. */
export class TokenKeeper implements AsyncDisposable {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: () => Uint8Array;
  readonly #byName = new Map<string, Held>();
  readonly #byHash = new Map<string, Held>();

  private constructor(store: Store, clock: Clock, random: () => Uint8Array) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
  }

  /** `random` gives 32 octets nobody can guess. */
  static async open(store: Store, clock: Clock, random: () => Uint8Array): Promise<TokenKeeper> {
    const keeper = new TokenKeeper(store, clock, random);
    for (const row of await store.read.tokens()) keeper.#hold(row);
    return keeper;
  }

  /** The token with this text, if it is neither revoked nor expired. */
  find(text: string): LiveToken | undefined {
    const hash = tokenHash(text);
    // Whoever measures the look-up learns of a hash, and cannot choose texts by their hashes.
    const held = this.#byHash.get(hash.toString("hex"));
    if (held === undefined || !timingSafeEqual(held.hash, hash) || !this.isLive(held.info)) return undefined;
    const usedAt = `${timestamp(this.#clock.wallMs()).slice(0, 16)}:00.000Z`;
    if (held.info.lastUsedAt !== usedAt) {
      held.info = { ...held.info, lastUsedAt: usedAt };
      held.dirty = true;
    }
    return { info: held.info, revoked: held.revoke.signal };
  }

  isLive({ name, expiresAt }: TokenInfo): boolean {
    if (this.#byName.get(name)?.info.revokedAt !== null) return false;
    return expiresAt === null || this.#clock.wallMs() < Date.parse(expiresAt);
  }

  /** In the order of their making. */
  list(): readonly TokenInfo[] {
    return [...this.#byName.values()].map(({ info }) => info);
  }

  /** Makes a token and returns its text, which is kept nowhere. Throws `token-exists`, `too-many-tokens`. */
  async create(wanted: NewToken): Promise<{ text: string; info: TokenInfo }> {
    const { name, scopes, expiresInS, who, account = null } = wanted;
    const most = account === null ? MAX_TOKENS : MAX_TOKENS_OF_USER;
    if (this.#countOf(account) >= most) {
      throw new ControllerError("too-many-tokens", `there are, or were, ${most} tokens already`);
    }
    const text = tokenText(this.#random());
    const nowMs = this.#clock.wallMs();
    const row: TokenTable = {
      name,
      hash: tokenHash(text).toString("hex"),
      scopes: [...new Set(scopes)].sort().join(" "),
      created_at: timestamp(nowMs),
      created_by: who,
      expires_at: expiresInS === undefined ? null : timestamp(nowMs + expiresInS * 1000),
      revoked_at: null,
      last_used_at: null,
      account,
    };
    await this.#store.transaction(async (tx) => {
      if (await tx.hasToken(name)) {
        throw new ControllerError("token-exists", `there is, or was, a token ${JSON.stringify(name)}`);
      }
      if (account !== null && (await tx.accounts.account(account))?.state !== "active") {
        throw new ControllerError("account-state", `${account} is no active user`);
      }
      await tx.addToken(row);
      const detail = JSON.stringify({ name, scopes: row.scopes, expiresAt: row.expires_at });
      await tx.addAudit({ at: row.created_at, who, what: "token create", detail });
    });
    return { text, info: this.#hold(row).info };
  }

  /** From now on it is good for nothing, and what it opened is closed. Throws `unknown-token`. */
  async revoke(name: string, who: string): Promise<TokenInfo> {
    const held = this.#byName.get(name);
    if (held === undefined) {
      throw new ControllerError("unknown-token", `there is no token ${JSON.stringify(name)}`);
    }
    if (held.info.revokedAt !== null) return held.info;
    const at = timestamp(this.#clock.wallMs());
    await this.#store.transaction(async (tx) => {
      await tx.revokeToken(name, at);
      await tx.addAudit({ at, who, what: "token revoke", detail: JSON.stringify({ name }) });
    });
    held.info = { ...held.info, revokedAt: at };
    held.revoke.abort();
    return held.info;
  }

  /** Writes down when tokens were last used. */
  async flush(): Promise<void> {
    const dirty = [...this.#byName.values()].filter((held) => held.dirty);
    if (dirty.length === 0) return;
    for (const held of dirty) held.dirty = false;
    await this.#store.transaction(async (tx) => {
      for (const { info } of dirty) await tx.touchToken(info.name, info.lastUsedAt);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush();
  }

  #countOf(account: string | null): number {
    let count = 0;
    for (const { info } of this.#byName.values()) if (info.account === account) count++;
    return count;
  }

  #hold(row: TokenTable): Held {
    const info: TokenInfo = {
      name: row.name,
      scopes: row.scopes.split(" ").filter(isScope),
      createdAt: row.created_at,
      createdBy: row.created_by,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      lastUsedAt: row.last_used_at,
      account: row.account,
    };
    const hash = Buffer.from(row.hash, "hex");
    const held: Held = { info, hash, revoke: new AbortController(), dirty: false };
    this.#byName.set(row.name, held);
    this.#byHash.set(row.hash, held);
    return held;
  }
}
