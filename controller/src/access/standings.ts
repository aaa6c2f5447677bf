import type { AccessPeerState, AccessUse, AccessUserState } from "@vsix/shared/contract/up-access.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { timestamp } from "../clock.ts";
import type { InForce } from "../desired/in-force.ts";
import type { AccessBook, Standing } from "./book.ts";

/** What one router says of one user. */
export interface RouterStanding {
  readonly router: string;
  /** pending: not told yet, or not applied yet. ending: still served, though no longer wanted. */
  readonly state: "pending" | "served" | "failed" | "ending";
  /** RFC 3339. */
  readonly since: string;
  readonly reason: string;
}

/** What routers counted of one user, all together. */
export interface UserUse {
  readonly rxPackets: number | null;
  readonly rxOctets: number;
  readonly txPackets: number | null;
  readonly txOctets: number;
  readonly handshakeAt: string | null;
  /** Until when a prefix is valid that the user's router was told within his tunnel. */
  readonly leaseUntil: string | null;
  /** When packets of the user were last seen, to the nearest look of his router. */
  readonly activeAt: string | null;
}

interface Told {
  readonly value: AccessUserState | AccessPeerState;
  readonly generation: number;
  /** Since it is served, or fails. */
  readonly since: string;
}

interface TellingRouter {
  readonly devices: AccessUse["devices"];
  /** By list and key. */
  readonly users: Map<string, Told>;
  /** Of each shard: who is in it. */
  readonly shards: Map<number, ReadonlySet<string>>;
  readonly generations: Map<number, number>;
}

/** Since when a router serves a user, by list and key; null: no longer, or not well. */
export interface SinceRow {
  readonly router: string;
  readonly user: string;
  /** RFC 3339. */
  readonly since: string | null;
}

/** wanted: what somebody is to have is another. told: a router has told of its users, changed or not. */
export type StandingChange = "wanted" | "told";

const MOST_ENDED = 10_000;
/** Packets, or a handshake, within so long: a user is there (WireGuard's REJECT_AFTER_TIME is 180 s). */
const ACTIVE_MS = 180_000;

/**
 * What became of users at their routers, in memory: what is wanted since which generation, and what routers say that they have
 * applied. A controller that starts anew asks for what each router's document is by then; routers tell all of it within a round.
 */
export class UserStandings {
  readonly #book: AccessBook;
  readonly #inForce: () => InForce | undefined;
  readonly #wallMs: () => number;
  readonly #routers = new Map<string, TellingRouter>();
  /** By router, then by list and key: the generation from which on it is as wanted, and since when it is wanted. */
  readonly #wanted = new Map<string, Map<string, { readonly generation: number; readonly since: string }>>();
  readonly #startedAt: string;
  readonly #ended = new Map<number, Standing>();
  /** By router and user: since when one served him before this controller began. */
  readonly #before = new Map<string, string>();
  /** What is not written down yet, by router and user. */
  readonly #unsaved = new Map<string, SinceRow>();
  readonly #active = new Map<string, number>();
  readonly #listeners = new Set<(what: StandingChange) => void>();
  #routersHeard = false;

  constructor(book: AccessBook, inForce: () => InForce | undefined, wallMs: () => number) {
    this.#book = book;
    this.#inForce = inForce;
    this.#wallMs = wallMs;
    this.#startedAt = timestamp(wallMs());
  }

  /** Takes a checked message of a router; whether it names a router of ours. */
  accept(message: AccessUse): boolean {
    const inForce = this.#inForce();
    const node = inForce?.fabric.nodes.find(({ name }) => name === message.node);
    if (node?.service !== "access") return false;
    this.#routersHeard = true;
    const router = this.#routers.get(message.node) ?? newRouter();
    const { generation, shard, at } = message;
    if (generation < (router.generations.get(shard) ?? 0)) return true;
    const users = new Map<string, AccessUserState | AccessPeerState>([
      ...message.tunnels.map((user) => [`tunnels ${user.id}`, user] as const),
      ...message.srv6.map((user) => [`srv6 ${user.id}`, user] as const),
      ...message.peers.map((peer) => [`peers ${peer.publicKey}`, peer] as const),
    ]);
    for (const key of router.shards.get(shard) ?? []) {
      if (users.has(key)) continue;
      router.users.delete(key);
      this.#note(message.node, key, null);
    }
    for (const [key, value] of users) {
      const before = router.users.get(key);
      const wanted = this.#wanted.get(message.node)?.get(key);
      const same =
        before !== undefined &&
        before.generation >= (wanted?.generation ?? 0) &&
        before.value.fault === value.fault;
      this.#noteActive(key, before?.value, value, at);
      const since = same ? before.since : this.#sinceOf(message.node, key, before, value, at);
      router.users.set(key, { value, generation, since });
      if (!same) this.#note(message.node, key, value.fault === undefined ? since : null);
    }
    router.shards.set(shard, new Set(users.keys()));
    router.generations.set(shard, generation);
    this.#routers.set(message.node, { ...router, devices: message.devices });
    this.#tell("told");
    return true;
  }

  /** What was written down before this controller began: holds for who is served when his router first tells. */
  remember(rows: readonly SinceRow[]): void {
    for (const { router, user, since } of rows)
      if (since !== null) this.#before.set(`${router} ${user}`, since);
  }

  /** What has changed since it was asked for last, at most so many. */
  takeUnsaved(most: number): readonly SinceRow[] {
    const taken = [...this.#unsaved].slice(0, most);
    for (const [key] of taken) this.#unsaved.delete(key);
    return taken.map(([, row]) => row);
  }

  /** These could not be written down. */
  putBack(rows: readonly SinceRow[]): void {
    for (const row of rows) {
      const key = `${row.router} ${row.user}`;
      if (!this.#unsaved.has(key)) this.#unsaved.set(key, row);
    }
  }

  #note(router: string, user: string, since: string | null): void {
    this.#unsaved.set(`${router} ${user}`, { router, user, since });
  }

  /** Of who is told anew, or otherwise than before. */
  #sinceOf(
    router: string,
    user: string,
    before: Told | undefined,
    value: AccessUserState | AccessPeerState,
    at: string,
  ): string {
    const key = `${router} ${user}`;
    const remembered = this.#before.get(key);
    this.#before.delete(key);
    // Changed since this controller began, or in trouble: the other was another time.
    const isOther = before !== undefined || value.fault !== undefined || this.#wanted.get(router)?.has(user);
    return remembered === undefined || isOther === true ? at : remembered;
  }

  /** These users' entries have changed, and stand in the documents that are in force now. `held`: routers that are not told yet. */
  changed(
    ids: Iterable<{ readonly id: number; readonly before: Standing | undefined }>,
    held: ReadonlySet<string>,
  ): void {
    const inForce = this.#inForce();
    const since = timestamp(this.#wallMs());
    const all = [...ids];
    // Ends first: a key may have gone from one to another.
    for (const { id, before } of all) {
      const now = this.#book.standing(id);
      if (before !== undefined && (now === undefined || keyOf(now) !== keyOf(before))) this.#end(id, before);
    }
    for (const { id, before } of all) {
      const now = this.#book.standing(id);
      if (now === undefined) continue;
      if (before?.text === now.text && before.point === now.point) continue;
      this.#ended.delete(id);
      for (const router of this.#routersOf(now.point)) {
        const generation = held.has(router)
          ? Number.POSITIVE_INFINITY
          : (inForce?.nodes.get(router)?.generation ?? Number.POSITIVE_INFINITY);
        const wanted = this.#wanted.get(router) ?? new Map();
        wanted.set(keyOf(now), { generation, since });
        this.#wanted.set(router, wanted);
      }
    }
    this.#tell("wanted");
  }

  /** Calls back when something of somebody may have changed, until the returned function is called. It must not throw. */
  listen(listener: (what: StandingChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(what: StandingChange): void {
    for (const listener of [...this.#listeners]) listener(what);
  }

  /** Who was ended is remembered for as long as a router may still have him, of the newest so many. */
  #end(id: number, before: Standing): void {
    this.#ended.delete(id);
    this.#ended.set(id, before);
    for (const wanted of this.#wanted.values()) wanted.delete(keyOf(before));
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  /** How an application stands at each router that serves it, or still does. */
  of(id: number): readonly RouterStanding[] {
    const standing = this.#book.standing(id);
    if (standing === undefined) {
      const ended = this.#ended.get(id);
      if (ended === undefined) return [];
      return [...this.#routers].flatMap(([router, { users }]): RouterStanding[] => {
        const told = users.get(keyOf(ended));
        if (told === undefined) return [];
        return [{ router, state: "ending", since: told.since, reason: "its router has not ended it yet" }];
      });
    }
    return this.#routersOf(standing.point).map((router) => this.#at(router, standing));
  }

  /** What was counted of an application; undefined where no router tells. */
  use(id: number): UserUse | undefined {
    const standing = this.#book.standing(id);
    if (standing === undefined) return undefined;
    const key = keyOf(standing);
    const told = [...this.#routers.values()].flatMap(({ users }) => users.get(key)?.value ?? []);
    if (told.length === 0) return undefined;
    const sum = (of: (value: AccessUserState | AccessPeerState) => number | undefined): number =>
      told.reduce((all, value) => all + (of(value) ?? 0), 0);
    const packets = (of: "rxPackets" | "txPackets"): number | null =>
      standing.list === "peers" ? null : sum((value) => ("id" in value ? value[of] : undefined));
    const handshake = Math.max(
      0,
      ...told.map((value) => ("handshakeMs" in value ? (value.handshakeMs ?? 0) : 0)),
    );
    const lease = Math.max(0, ...told.map((value) => ("id" in value ? (value.leaseUntilMs ?? 0) : 0)));
    const active = this.#active.get(key);
    return {
      rxPackets: packets("rxPackets"),
      rxOctets: sum(({ rxOctets }) => rxOctets),
      txPackets: packets("txPackets"),
      txOctets: sum(({ txOctets }) => txOctets),
      handshakeAt: handshake === 0 ? null : timestamp(handshake),
      leaseUntil: lease === 0 ? null : timestamp(lease),
      activeAt: active === undefined ? null : timestamp(active),
    };
  }

  /** Public keys that routers have for a WireGuard device: one, where all is well. */
  deviceKeys(device: string): ReadonlyMap<string, string> {
    const keys = new Map<string, string>();
    for (const [router, { devices }] of this.#routers)
      for (const { id, publicKey } of devices) if (id === device) keys.set(router, publicKey);
    return keys;
  }

  /** Users of tunnels and VPN peers that are there now; undefined while no router has told. */
  active(): { readonly tunnels: number; readonly peers: number } | undefined {
    if (!this.#routersHeard) return undefined;
    const fromMs = this.#wallMs() - ACTIVE_MS;
    let [tunnels, peers] = [0, 0];
    for (const [key, atMs] of this.#active) {
      if (atMs < fromMs) this.#active.delete(key);
      else if (key.startsWith("peers ")) peers++;
      else tunnels++;
    }
    return { tunnels, peers };
  }

  #at(router: string, standing: Standing): RouterStanding {
    const key = keyOf(standing);
    const wanted = this.#wanted.get(router)?.get(key);
    const need = wanted?.generation ?? this.#inForce()?.nodes.get(router)?.generation ?? 0;
    const since = wanted?.since ?? this.#startedAt;
    const telling = this.#routers.get(router);
    const told = telling?.users.get(key);
    if (telling === undefined)
      return { router, state: "pending", since, reason: "it has told nothing of its users" };
    if (need === Number.POSITIVE_INFINITY)
      return { router, state: "pending", since, reason: "a change of this router waits to be confirmed" };
    if (told === undefined || (wanted !== undefined && told.generation < need))
      return { router, state: "pending", since, reason: `it has not applied generation ${need} yet` };
    if (told.value.fault !== undefined)
      return { router, state: "failed", since: told.since, reason: told.value.fault };
    return { router, state: "served", since: told.since, reason: "" };
  }

  #routersOf(point: string): readonly string[] {
    const fabric = this.#inForce()?.fabric;
    const found = fabric?.services?.access?.find(({ name }) => name === point);
    return (found?.routers ?? []).filter(
      (name) => fabric !== undefined && findNode(fabric, name) !== undefined,
    );
  }

  #noteActive(
    key: string,
    before: AccessUserState | AccessPeerState | undefined,
    value: AccessUserState | AccessPeerState,
    at: string,
  ): void {
    // By this clock: a router whose clock is wrong has users all the same.
    const ageMs = "handshakeMs" in value ? Date.parse(at) - (value.handshakeMs ?? 0) : undefined;
    if (ageMs !== undefined) {
      if (ageMs >= 0 && ageMs < ACTIVE_MS) this.#active.set(key, this.#wallMs() - ageMs);
      return;
    }
    if (!("id" in value) || before === undefined || !("id" in before)) return;
    if ((value.rxPackets ?? 0) > (before.rxPackets ?? 0)) this.#active.set(key, this.#wallMs());
  }
}

function newRouter(): TellingRouter {
  return { devices: [], users: new Map(), shards: new Map(), generations: new Map() };
}

function keyOf({ list, key }: Standing): string {
  return `${list} ${key}`;
}
