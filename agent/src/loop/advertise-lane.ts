import { existsSync } from "node:fs";
import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { Logger } from "pino";
import { compileAdvertisements } from "../core/advertise/compile.ts";
import type { EndedPrefix } from "../core/advertise/telling.ts";
import { ResourceTable } from "../core/resource-table.ts";
import type { LinkChange, LinkTable } from "../io/links.ts";
import { type AdvertisementDriver, advertisementDriver } from "../resources/router-advertisement/driver.ts";
import { AdvertisedMemory } from "../resources/router-advertisement/memory.ts";
import { type AdvertisementObject, advertisementKind } from "../resources/router-advertisement/model.ts";
import { type Managed, manage } from "./managed-kind.ts";
import { Reconciler } from "./reconciler.ts";

export interface AdvertiseLaneOptions {
  /** What hosts were told, over restarts. */
  readonly file: string;
  readonly links: LinkTable;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly onChange: () => void;
  /** Hosts are told the end of other prefixes than before. */
  readonly onEnded?: () => void;
}

/** Router advertisements on this node's LANs: a resource like any other, beside the kernel's loop. A node without LANs has no socket for them. */
export class AdvertiseLane implements AsyncDisposable {
  readonly #options: AdvertiseLaneOptions;
  readonly #table = new ResourceTable(advertisementKind);
  #wanted: readonly AdvertisementObject[] = [];
  #driver: AdvertisementDriver | undefined;
  #managed: Managed | undefined;
  #reconciler: Reconciler | undefined;
  #unlisten: (() => void) | undefined;
  #ended = "[]";
  #nextEnd: NodeJS.Timeout | undefined;

  constructor(options: AdvertiseLaneOptions) {
    this.#options = options;
  }

  get kinds(): readonly Managed[] {
    return this.#managed === undefined ? [] : [this.#managed];
  }

  /** What should be looked at by somebody, though nothing here failed: `router-advertisement INTERFACE` to why. */
  get waiting(): ReadonlyMap<string, string> {
    const of = (name: string): string => `${advertisementKind.name} ${name}`;
    return new Map([
      ...this.#wanted
        .filter(({ interface: name }) => this.#options.links.get(name) === undefined)
        .map(({ interface: name }) => [of(name), "no such interface on this machine"] as const),
      ...[...(this.#driver?.troubles ?? [])].map(([name, all]) => [of(name), all.join("; ")] as const),
    ]);
  }

  /** Prefixes that are over, and that hosts may still have addresses in. */
  get ended(): readonly EndedPrefix[] {
    return this.#driver?.ended ?? [];
  }

  configure(part: AdvertisePart | undefined): void {
    const { file } = this.#options;
    // A LAN that was given up while this program did not run has to hear that it was.
    if (this.#reconciler === undefined && (part?.interfaces.length ?? 0) === 0 && !existsSync(file)) return;
    if (this.#reconciler === undefined) this.#begin();
    this.#wanted = compileAdvertisements(part);
    this.#desire();
  }

  /** What a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    return (await this.#reconciler?.preview()) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten?.();
    clearTimeout(this.#nextEnd);
    await this.#reconciler?.[Symbol.asyncDispose]();
    await this.#driver?.[Symbol.asyncDispose]();
  }

  /** A device that is not there is waited for. */
  #desire(): void {
    this.#table.setDesired(
      this.#wanted.filter(({ interface: name }) => this.#options.links.get(name) !== undefined),
    );
    this.#reconciler?.trigger();
  }

  #begin(): void {
    const { file, links, log, now, random, onChange } = this.#options;
    const memory = new AdvertisedMemory(file);
    this.#driver = advertisementDriver(links, { memory, now, wallMs: Date.now, random, onChange });
    this.#managed = manage(this.#table, this.#driver, () => true);
    this.#reconciler = new Reconciler({
      kinds: [this.#managed],
      log,
      now: Date.now,
      onCycle: () => this.#cycled(),
    });
    this.#unlisten = links.onChange((change) => this.#linkChanged(change));
  }

  #cycled(): void {
    this.#options.onChange();
    this.#lookAtEnded();
  }

  /** Again when the next one is over for hosts as well. */
  #lookAtEnded(): void {
    const { now, onEnded } = this.#options;
    const ended = this.ended;
    const text = JSON.stringify(ended.map((one) => [one.interface, one.prefix]));
    clearTimeout(this.#nextEnd);
    if (ended.length > 0) {
      const leftMs = Math.min(...ended.map(({ untilMs }) => untilMs)) - now();
      this.#nextEnd = setTimeout(() => this.#lookAtEnded(), Math.ceil(leftMs) + 1).unref();
    }
    if (text === this.#ended) return;
    this.#ended = text;
    onEnded?.();
  }

  #linkChanged({ before, after }: LinkChange): void {
    const name = (after ?? before)?.name ?? "";
    const concerns =
      this.#wanted.some((one) => one.interface === name) || this.#driver?.remembers(name) === true;
    if (this.#managed === undefined || !concerns) return;
    const was = before?.up === true && before.carrier;
    const is = after?.up === true && after.carrier;
    if (before?.index !== after?.index) {
      this.#managed.stale = true;
      this.#managed.retryNow();
      this.#desire();
    } else if (is && !was) this.#driver?.linkUp(name);
  }
}
