import { createHash } from "node:crypto";
import { ACCESS_SHARDS, accessShardName, accessShardOf } from "@vsix/shared/contract/part-access.ts";
import { gateShardName } from "@vsix/shared/contract/part-gate.ts";
import { type AccessPoint, pointsOf } from "@vsix/shared/fabric/access-model.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { compileFrame } from "../core/access/frame.ts";
import { compileHome } from "../core/access/home.ts";
import { type Placement, placeUser, type ServedUser, type ShardEntry } from "../core/access/place.ts";
import { partBytes, stableText } from "../core/parts.ts";
import type { CompiledNode, CompiledPart } from "../desired/document.ts";
import { deviceNode } from "./device-name.ts";

/** Where a user stands, and in which words. */
export interface Standing {
  readonly point: string;
  readonly shard: number;
  readonly list: ShardEntry["list"];
  readonly key: string;
  readonly claim: string;
  /** JSON, as it stands in the shard. */
  readonly text: string;
}

/** `ends`: of users by SRv6, their routers' addresses. All are JSON. */
type Lists = Readonly<Record<ShardEntry["list"] | "ends", Map<number, string>>>;

/**
 * Users in memory, placed and written as shards. One who comes or goes costs the text of his shard: the others' stays the same
 * octets. Nothing here is stored; the database is asked again at each start.
 */
export class AccessBook {
  readonly #users = new Map<number, ServedUser>();
  readonly #standing = new Map<number, Standing>();
  readonly #waiting = new Map<number, string>();
  /** By point and claim: the application that has it. */
  readonly #claims = new Map<string, number>();
  /** Those that wait for a claim that another one has. */
  readonly #refused = new Map<string, Set<number>>();
  readonly #shards = new Map<string, readonly Lists[]>();
  readonly #parts = new Map<string, CompiledPart>();
  /** Applications for which a device has enrolled. */
  #devices: ReadonlySet<number> = new Set();
  #points: readonly AccessPoint[] = [];
  #resolvers: readonly string[] = [];
  #pointsText = "[]";

  get size(): number {
    return this.#users.size;
  }

  user(id: number): ServedUser | undefined {
    return this.#users.get(id);
  }

  /** Where an application is served; undefined where it is not. */
  standing(id: number): Standing | undefined {
    return this.#standing.get(id);
  }

  standings(): ReadonlyMap<number, Standing> {
    return this.#standing;
  }

  /** Why an application that should be served is in no router's document. */
  waiting(id: number): string | undefined {
    return this.#waiting.get(id);
  }

  /** Everybody anew. */
  setAll(users: Iterable<ServedUser>): void {
    const next = new Map([...users].map((user) => [user.id, user]));
    for (const id of [...this.#users.keys()]) if (!next.has(id)) this.set(id, undefined);
    for (const [id, user] of next) this.set(id, user);
  }

  /** One user as he is now; undefined: he is not served. */
  set(id: number, user: ServedUser | undefined): void {
    const before = this.#users.get(id);
    if (before !== undefined && user !== undefined && stableText(before) === stableText(user)) return;
    if (user === undefined) this.#users.delete(id);
    else this.#users.set(id, user);
    const freed = this.#remove(id);
    if (user !== undefined) this.#place(user);
    for (const waiter of freed) {
      const waits = this.#users.get(waiter);
      if (waits !== undefined && !this.#standing.has(waiter)) this.#place(waits);
    }
  }

  /** Whose devices have enrolled: each has a document of its own. */
  setDevices(applications: Iterable<number>): void {
    this.#devices = new Set(applications);
  }

  /** Documents of the devices of users who are served. */
  homes(fabric: Fabric): readonly CompiledNode[] {
    return [...this.#devices].flatMap((id): CompiledNode[] => {
      const user = this.#users.get(id);
      const at = this.#standing.get(id)?.point;
      const point = this.#points.find(({ name }) => name === at);
      const node = deviceNode(id);
      if (user === undefined || point === undefined || fabric.nodes.some(({ name }) => name === node))
        return [];
      const parts = compileHome(fabric, node, point, user);
      if (parts === undefined) return [];
      return [{ node, parts: Object.entries(parts).map(([name, value]) => part(name, partBytes(value))) }];
    });
  }

  /** Which points there are; users are placed anew where these have changed. */
  setPoints(fabric: Pick<Fabric, "services">): void {
    const points = fabric.services?.access ?? [];
    const resolvers = fabric.services?.resolver?.anycast ?? [];
    const text = stableText([points, resolvers]);
    if (text === this.#pointsText) return;
    this.#points = points;
    this.#resolvers = resolvers;
    this.#pointsText = text;
    for (const map of [this.#standing, this.#waiting, this.#claims, this.#refused, this.#shards, this.#parts])
      map.clear();
    for (const user of this.#users.values()) this.#place(user);
  }

  /** Part `access` of a router and its shards; none where it serves no point. */
  partsOf(node: Pick<FabricNode, "name">): readonly CompiledPart[] {
    const points = pointsOf(this.#points, node);
    if (points.length === 0) return [];
    const names = points.map(({ name }) => name);
    const frame = part("access", partBytes(compileFrame(points, this.#resolvers)));
    return [frame, ...Array.from({ length: ACCESS_SHARDS }, (_, shard) => this.#shard(names, shard))];
  }

  /** Part `gate` of a router at the border and its shards; none where there is no SRv6 access. The same for all of them. */
  gate(): readonly CompiledPart[] {
    const points = this.#points.filter(({ srv6 }) => srv6 !== undefined);
    if (points.length === 0) return [];
    const sids = [...new Set(points.flatMap(({ srv6 }) => srv6?.sid ?? []))];
    const frame = part("gate", partBytes({ version: 1, shards: ACCESS_SHARDS, sids }));
    return [frame, ...Array.from({ length: ACCESS_SHARDS }, (_, shard) => this.#gateShard(points, shard))];
  }

  #gateShard(points: readonly AccessPoint[], shard: number): CompiledPart {
    // No point has a name like that.
    const key = `gate: ${points.map(({ name }) => name).join(" ")} ${shard}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const users = points.flatMap(({ name, srv6 }) => {
      const ends = [...(this.#shards.get(name)?.[shard]?.ends ?? [])].sort(([a], [b]) => a - b);
      if (ends.length === 0) return [];
      return [`{"sid":${JSON.stringify(srv6?.sid)},"sources":[${ends.map(([, end]) => end).join(",")}]}`];
    });
    // As partBytes would write it.
    const made = part(
      gateShardName(shard),
      Buffer.from(`{"users":[${users.join(",")}],"version":1}`, "latin1"),
    );
    this.#parts.set(key, made);
    return made;
  }

  #shard(points: readonly string[], shard: number): CompiledPart {
    const key = `${points.join(" ")} ${shard}`;
    const known = this.#parts.get(key);
    if (known !== undefined) return known;
    const text = (list: keyof Lists): string =>
      points
        .flatMap((point) => [...(this.#shards.get(point)?.[shard]?.[list] ?? [])])
        .sort(([a], [b]) => a - b)
        .map(([, one]) => one)
        .join(",");
    // As partBytes would write it: keys in order.
    const whole = `{"peers":[${text("peers")}],"srv6":[${text("srv6")}],"tunnels":[${text("tunnels")}],"version":1}`;
    const made = part(accessShardName(shard), Buffer.from(whole, "latin1"));
    this.#parts.set(key, made);
    return made;
  }

  #place(user: ServedUser): void {
    const { id } = user;
    const placement: Placement = placeUser(this.#points, user);
    if (!placement.ok) {
      this.#waiting.set(id, placement.reason);
      return;
    }
    const { point, entry } = placement;
    const claim = `${point} ${placement.claim}`;
    const owner = this.#claims.get(claim);
    if (owner !== undefined) {
      this.#waiting.set(id, `application ${owner} has the same other end at access point ${point}`);
      this.#refused.set(claim, (this.#refused.get(claim) ?? new Set()).add(id));
      return;
    }
    this.#claims.set(claim, id);
    this.#waiting.delete(id);
    const shard = accessShardOf(entry.key, ACCESS_SHARDS);
    const text = stableText(entry.value);
    this.#standing.set(id, { point, shard, list: entry.list, key: entry.key, claim, text });
    const lists = this.#listsOf(point)[shard];
    lists?.[entry.list].set(id, text);
    if (entry.list === "srv6") lists?.ends.set(id, JSON.stringify(entry.value.endpoint));
    this.#forget(point, shard);
  }

  /** Takes a user out of his shard; returns those who waited for what he had. */
  #remove(id: number): readonly number[] {
    this.#waiting.delete(id);
    for (const waiters of this.#refused.values()) waiters.delete(id);
    const at = this.#standing.get(id);
    if (at === undefined) return [];
    this.#standing.delete(id);
    const lists = this.#listsOf(at.point)[at.shard];
    lists?.[at.list].delete(id);
    lists?.ends.delete(id);
    this.#forget(at.point, at.shard);
    this.#claims.delete(at.claim);
    const freed = [...(this.#refused.get(at.claim) ?? [])];
    this.#refused.delete(at.claim);
    return freed;
  }

  #listsOf(point: string): readonly Lists[] {
    const known = this.#shards.get(point);
    if (known !== undefined) return known;
    const lists = Array.from(
      { length: ACCESS_SHARDS },
      (): Lists => ({ tunnels: new Map(), srv6: new Map(), peers: new Map(), ends: new Map() }),
    );
    this.#shards.set(point, lists);
    return lists;
  }

  #forget(point: string, shard: number): void {
    for (const key of this.#parts.keys()) {
      const words = key.split(" ");
      if (words.at(-1) === String(shard) && words.includes(point)) this.#parts.delete(key);
    }
  }
}

function part(name: string, bytes: Uint8Array): CompiledPart {
  return { name, bytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}
