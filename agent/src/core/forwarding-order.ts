import { FUNCTION_GUARD } from "./bgp/communities.ts";

/** A best path as the feed tells it, as far as the order of changes rests on it. */
export interface OfferedPath {
  readonly prefix: string;
  readonly nextHop: string;
  readonly localPref?: number;
  readonly med?: number;
  readonly asPath: readonly { readonly type: string; readonly asns: readonly number[] }[];
  /** `a:b:c`. */
  readonly largeCommunities: readonly string[];
}

/**
 * What decides between paths here, in the order in which it does: RFC 4271 section 9.1.2, MED always compared; then the
 * neighbour's router id, which rises with its node's id (shared/src/fabric/plan.ts).
 */
interface Standing {
  readonly nextHop: string;
  readonly localPref: number;
  readonly length: number;
  readonly med: number;
  /** Since when packets follow this next hop. */
  readonly sinceMs: number;
  /** Since when it is told with this standing. */
  readonly unchangedSinceMs: number;
}

/** Who takes better ways in order, and how. */
export interface ForwardingRule {
  /** Global administrator of the path guards. */
  readonly as: number;
  /** Ids of the neighbouring nodes by their addresses. */
  readonly idOf: ReadonlyMap<string, number>;
  /** Steps to wait even if the news came through no router that says so. */
  readonly atLeast: number;
  /**
   * Edges are steered here by the MEDs of both their paths, so a tie, and a better path while the old one's own MED has
   * just changed, are meant: neither waits.
   */
  readonly byMed: boolean;
  /** The plane asked for. A change of it is meant: see `askedToMove`. */
  readonly wanted: string | undefined;
}

interface Held<P> {
  readonly path: P;
  readonly dueMs: number;
  /** When the first path was held that this one has taken the place of. */
  readonly firstMs: number;
}

/**
 * Between one router's kernel and the next one's. An UPDATE and a netlink message take a few milliseconds, but a processor
 * that is wanted by others may keep an agent waiting for 0.2 s; the old way serves meanwhile, so there is no hurry.
 */
const STEP_MS = 250;
/** Routers between here and the edge of the plane that are waited for; a plane is not deeper in practice. */
const DEEPEST = 5;
/** However often a better path becomes another one. */
const LONGEST_MS = 2 * DEEPEST * STEP_MS;
/** A way that has served for less may be the ghost of one that has failed: nobody waits on it. */
const PROVEN_MS = 5_000;
/** However many routes an Edge has: so long after it was asked to move, BGP has told them all. */
const MOVE_MS = 30_000;

/**
 * Better ways are taken from where they begin outwards (ordered FIB updates, RFC 6976 section 4.2, for hop-by-hop BGP).
 *
 * gobgpd tells its neighbours of a better path before this router's kernel follows it. A neighbour that is quicker than
 * we are would send its packets here, and our kernel still sends them back. So a router waits a step for every router
 * that the news came through, if what it has serves well meanwhile. Whatever is not plainly a better path than a proven
 * one is followed at once: failures never wait.
 */
export class ForwardingOrder<P extends OfferedPath> {
  readonly #rule: ForwardingRule;
  readonly #standing = new Map<string, Standing>();
  readonly #held = new Map<string, Held<P>>();
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(rule: ForwardingRule) {
    this.#rule = rule;
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** Ways taken before now are meant to be left: the next better one does not wait. Those taken later have moved already. */
  askedToMove(nowMs: number): void {
    this.#askedMs = nowMs;
  }

  /** True: follow this path now. False: it is kept here until `ripe` or `flush` gives it back. */
  offer(path: P, nowMs: number): boolean {
    const standing = this.#standing.get(path.prefix);
    const waits =
      standing !== undefined &&
      standing.nextHop !== path.nextHop &&
      nowMs - (this.#rule.byMed ? standing.unchangedSinceMs : standing.sinceMs) >= PROVEN_MS &&
      !this.#isMeant(standing, nowMs) &&
      this.#isBetter(path, standing);
    const steps = waits ? Math.min(DEEPEST, Math.max(this.#rule.atLeast, this.#depth(path))) : 0;
    if (steps === 0) {
      this.#follow(path, nowMs);
      return true;
    }
    // Another path waits for its own routers, however long the one before it has waited for others.
    const firstMs = this.#held.get(path.prefix)?.firstMs ?? nowMs;
    this.#held.set(path.prefix, {
      path,
      dueMs: Math.min(nowMs + steps * STEP_MS, firstMs + LONGEST_MS),
      firstMs,
    });
    return false;
  }

  withdraw(prefix: string): void {
    this.#held.delete(prefix);
    this.#standing.delete(prefix);
  }

  /** Held paths whose time has come. */
  ripe(nowMs: number): readonly P[] {
    return this.#release((held) => held.dueMs <= nowMs, nowMs);
  }

  /** Something has failed: everything held is followed now. */
  flush(nowMs: number): readonly P[] {
    return this.#release(() => true, nowMs);
  }

  #release(which: (held: Held<P>) => boolean, nowMs: number): readonly P[] {
    const free = [...this.#held.values()].filter(which).map(({ path }) => path);
    for (const path of free) this.#follow(path, nowMs);
    return free;
  }

  #follow(path: P, nowMs: number): void {
    const before = this.#standing.get(path.prefix);
    this.#held.delete(path.prefix);
    const { nextHop } = path;
    const rank = rankOf(path);
    const kept = before?.nextHop === nextHop ? before : undefined;
    const unchanged =
      kept?.localPref === rank.localPref && kept.length === rank.length && kept.med === rank.med;
    this.#standing.set(path.prefix, {
      nextHop,
      ...rank,
      sinceMs: kept?.sinceMs ?? nowMs,
      unchangedSinceMs: unchanged ? kept.unchangedSinceMs : nowMs,
    });
  }

  #isMeant({ sinceMs }: Standing, nowMs: number): boolean {
    return sinceMs <= this.#askedMs && nowMs - this.#askedMs < MOVE_MS;
  }

  #isBetter(path: P, than: Standing): boolean {
    const { localPref, length, med } = rankOf(path);
    if (localPref !== than.localPref) return localPref > than.localPref;
    if (length !== than.length) return length < than.length;
    if (med !== than.med) return med < than.med;
    if (this.#rule.byMed) return false;
    // What wins a tie against the engine's rule has not beaten the old path: that one is gone.
    const [id, oldId] = [this.#rule.idOf.get(path.nextHop), this.#rule.idOf.get(than.nextHop)];
    return id !== undefined && oldId !== undefined && id < oldId;
  }

  /** Routers of ours that told this before it came here: those of the plane by their guards, and an External Edge. */
  #depth({ largeCommunities, asPath }: P): number {
    const guard = `${this.#rule.as}:${FUNCTION_GUARD}:`;
    const inside = largeCommunities.filter((community) => community.startsWith(guard)).length;
    return inside + (asPath[0]?.type === "confed-sequence" ? 1 : 0);
  }
}

function rankOf({ localPref, med, asPath }: OfferedPath): Pick<Standing, "localPref" | "length" | "med"> {
  // RFC 4271 section 9.1.2.2 (a): a set counts as one; RFC 5065 section 5.3: confederation segments do not count.
  const lengths = asPath.map(({ type, asns }) =>
    type === "sequence" ? asns.length : type === "set" ? 1 : 0,
  );
  return {
    localPref: localPref ?? 100,
    length: lengths.reduce((sum, one) => sum + one, 0),
    med: med ?? 0,
  };
}
