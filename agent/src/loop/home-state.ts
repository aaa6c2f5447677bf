import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import type { Logger } from "pino";
import type { AccessFilters } from "../core/access-filters.ts";
import type { EndedPrefix } from "../core/advertise/telling.ts";
import { tunnelName } from "../core/compile/access.ts";
import {
  compileHome,
  compileHomeLans,
  type DesiredHome,
  endedOf,
  homeSources,
} from "../core/compile/home.ts";
import { compileHomeFilters } from "../core/home-filters.ts";
import type { HomeFacts } from "../core/home-page/facts.ts";
import { type HomeWays, judgeWays } from "../core/home-ways.ts";
import { OWN_GROUP } from "../core/ownership.ts";
import type { LinkTable } from "../io/links.ts";
import { sourceAddressFor } from "../io/source-address.ts";
import { HomeWatch, type WatchedTunnel } from "../sensors/home-watch.ts";

export interface HomeStateOptions {
  readonly links: LinkTable;
  /** Of this machine's configuration. */
  readonly lans: readonly string[];
  readonly log: Logger;
  /** What hosts of LANs have addresses in that are over. */
  readonly ended: () => readonly EndedPrefix[];
  /** Another address leads to some access router now, or some tunnel carries more or less than before. */
  readonly onChange: () => void;
}

type Local = { readonly address: string } | { readonly reason: string };

/** How often it is looked at whether the provider has given another address, milliseconds; also at every change of a link. */
const LOOK_EVERY_MS = 2_000;
const ASK_MS = 1_000;

/**
 * A user's own router: what its document says, put together with the addresses that it has just now. An address that is gone keeps its
 * tunnel until there is another one.
 */
export class HomeState implements AsyncDisposable {
  readonly #options: HomeStateOptions;
  readonly #locals = new Map<string, Local>();
  #part: HomePart | undefined;
  #ways: HomeWatch | undefined;
  #stop: AbortController | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(options: HomeStateOptions) {
    this.#options = options;
  }

  configure(part: HomePart | undefined): void {
    const before = this.#part?.watch;
    this.#part = part;
    if (JSON.stringify(before) !== JSON.stringify(part?.watch)) {
      void this.#ways?.[Symbol.asyncDispose]();
      this.#ways = this.#beginWays(part);
    }
    this.#stop?.abort();
    this.#stop = undefined;
    const remotes = (part?.tunnels ?? [])
      .filter(({ local }) => local === undefined)
      .map(({ remote }) => remote);
    if (remotes.length === 0) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#watching = this.#watching.then(() => this.#watch([...new Set(remotes)], stop.signal));
  }

  /** What hosts on LANs are told; undefined where this is no home router, or it has no LAN. */
  get lans(): AdvertisePart | undefined {
    return this.#part === undefined
      ? undefined
      : compileHomeLans(this.#part, this.#options.lans, this.#judged());
  }

  /** What of its providers people should know: object to reason. */
  get said(): ReadonlyMap<string, string> {
    return this.#judged().said;
  }

  get filters(): AccessFilters | undefined {
    return this.#part === undefined
      ? undefined
      : compileHomeFilters(this.#part, this.#options.lans, endedOf(this.#part, this.#options.ended()));
  }

  /** As the status page tells it (core/home-page). */
  get told(): Pick<HomeFacts, "tunnels" | "resolvers" | "pref64"> {
    const { resolvers = [], pref64 } = this.#part?.lan ?? {};
    return {
      tunnels: (this.#part?.tunnels ?? []).map(({ id, remote, local, prefixes }) => {
        const found = local === undefined ? this.#locals.get(remote) : { address: local };
        const life = this.#ways?.wayOf(id)?.beyond.life ?? "unknown";
        const placed = found !== undefined && "address" in found ? { local: found.address } : {};
        return { id, remote, prefixes, life, ...placed };
      }),
      resolvers,
      ...(pref64 === undefined ? {} : { pref64 }),
    };
  }

  /** Where tunnels begin that the document names no address for. */
  get ends(): { readonly id: string; readonly local: string }[] {
    return (this.#part?.tunnels ?? []).flatMap(({ id, local, remote }) => {
      const found = local === undefined ? this.#locals.get(remote) : undefined;
      return found !== undefined && "address" in found ? [{ id, local: found.address }] : [];
    });
  }

  /** What the kernel should hold as of now. */
  desired(): DesiredHome | undefined {
    if (this.#part === undefined) return undefined;
    return compileHome(this.#part, {
      localFor: (remote) => this.#locals.get(remote) ?? { reason: "not looked for yet" },
      lans: this.#options.lans,
      present: this.#present(),
      ended: endedOf(this.#part, this.#options.ended()),
    });
  }

  #present(): readonly string[] {
    return [...this.#options.links.all()]
      .filter(({ name, group }) => name !== "lo" && group !== OWN_GROUP)
      .map(({ name }) => name);
  }

  #judged(): HomeWays {
    return judgeWays(
      (this.#part?.tunnels ?? []).map(({ id, local, remote }) => {
        const found = local === undefined ? this.#locals.get(remote) : { address: local };
        const placed = found === undefined ? undefined : "address" in found;
        return { id, placed, way: this.#ways?.wayOf(id) };
      }),
    );
  }

  #beginWays(part: HomePart | undefined): HomeWatch | undefined {
    const { links, lans, log, onChange } = this.#options;
    if (part?.watch === undefined || lans.length === 0) return undefined;
    return new HomeWatch(part.watch, { links, log, onChange, tunnels: () => this.#watched() });
  }

  /** Tunnels that there are, by which something can be asked. */
  #watched(): readonly WatchedTunnel[] {
    const { links, lans } = this.#options;
    if (this.#part === undefined) return [];
    const sources = homeSources(this.#part, { lans, present: this.#present() });
    return this.#part.tunnels.flatMap(({ id, hopLimit }) => {
      const source = sources.get(id);
      const device = tunnelName(id);
      if (source === undefined || links.get(device) === undefined) return [];
      return [{ id, device, source, far: hopLimit !== 0 }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop?.abort();
    await this.#ways?.[Symbol.asyncDispose]();
    await this.#watching;
  }

  async #watch(remotes: readonly string[], signal: AbortSignal): Promise<void> {
    let wake = new AbortController();
    const unlisten = this.#options.links.onChange(() => wake.abort());
    try {
      while (!signal.aborted) {
        wake = new AbortController();
        let changed = false;
        for (const remote of remotes) changed = (await this.#look(remote)) || changed;
        if (signal.aborted) return;
        if (changed) this.#options.onChange();
        await sleep(LOOK_EVERY_MS, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(
          () => undefined,
        );
      }
    } finally {
      unlisten();
    }
  }

  /** Whether something else is known now. */
  async #look(remote: string): Promise<boolean> {
    const before = this.#locals.get(remote);
    const now = await localFor(remote);
    if ("reason" in now && before !== undefined && "address" in before) return false;
    this.#locals.set(remote, now);
    return JSON.stringify(before) !== JSON.stringify(now);
  }
}

async function localFor(remote: string): Promise<Local> {
  try {
    const address = await Promise.race([
      sourceAddressFor(remote),
      sleep(ASK_MS, undefined, { ref: false }).then(() => {
        throw new Error("the kernel does not say how it would be reached");
      }),
    ]);
    const isOurs = Object.values(networkInterfaces()).some((list) =>
      list?.some((one) => one.address === address),
    );
    if (!isOurs) return { reason: `${address} is no address of this machine` };
    if (/^fe[89ab]/i.test(address)) return { reason: `there is no global address to reach ${remote} from` };
    return { address };
  } catch (error) {
    return { reason: `no way to ${remote}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
