import assert from "node:assert/strict";
import { FakeNode } from "../fakes/fake-node.ts";
import { until } from "./harness.ts";
import type { WebSite } from "./web-site.ts";

/** Stand-ins for the two routers of access point `east` of examples/access.yaml: they say what a test has them say, and no more. */
export class AccessRouters implements AsyncDisposable {
  static readonly NAMES = ["pe-1", "pe-2"] as const;
  readonly #routers = new Map<string, FakeNode>();

  /** Applies the fabric, makes pools, and lets everybody have what he applies for. */
  static async start(site: WebSite, fabric: string): Promise<AccessRouters> {
    await site.done("apply", fabric);
    await site.done("pool", "create", "east", "--purpose", "tunnel", "--prefix", "2001:db8:e000::/40");
    await site.done("pool", "create", "vpn", "--purpose", "vpn-address", "--prefix", "2001:db8:d000::/112");
    for (const service of ["generic-tunneling", "remote-access-vpn"])
      await site.done("service", "set", service, "--approval", "auto");
    const trusted = await site.bench.trusted();
    const made = new AccessRouters();
    await using started = new AsyncDisposableStack();
    started.use(made);
    for (const name of AccessRouters.NAMES)
      made.#routers.set(name, await FakeNode.connect(site.bench.url, name, trusted));
    started.move();
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const router of this.#routers.values()) await router[Symbol.asyncDispose]();
  }

  at(name: string): FakeNode {
    return this.#routers.get(name) ?? assert.fail(name);
  }

  /** The router says what its newest document holds of tunnels, all of it as applied. */
  async applies(name: string): Promise<void> {
    for (const [part, tunnels] of this.#tunnels(name)) {
      if (tunnels.length === 0) continue;
      await this.says(name, Number.parseInt(part.slice("access-".length), 16), {
        tunnels: tunnels.map(({ id }) => ({
          ...{ id, rxPackets: 3, rxOctets: 4_200_000, txPackets: 2, txOctets: 900 },
        })),
      });
    }
  }

  /** What a router says of one shard of its users, and of its WireGuard devices. */
  async says(name: string, shard: number, more: object): Promise<void> {
    const router = this.at(name);
    const manifest = router.manifests.at(-1);
    await router.say("access", {
      ...{ version: 1, node: name, at: new Date().toISOString(), shards: 16, shard },
      ...{ epoch: manifest?.epoch, generation: manifest?.generation },
      ...{ devices: [], tunnels: [], srv6: [], peers: [], ...more },
    });
  }

  /** Waits until both know so many tunnels. */
  async know(tunnels: number): Promise<void> {
    const count = (name: string): number => this.#tunnels(name).reduce((sum, [, all]) => sum + all.length, 0);
    await until(`both routers know ${tunnels} tunnels`, () =>
      AccessRouters.NAMES.every((name) => count(name) === tunnels),
    );
  }

  #tunnels(name: string): readonly (readonly [string, readonly { readonly id: string }[]])[] {
    const router = this.at(name);
    const parts = (router.manifests.at(-1)?.parts ?? []).filter((part) => part.name.startsWith("access-"));
    return parts.map(({ name: part }) => [
      part,
      router.part<{ tunnels?: { id: string }[] }>(part)?.tunnels ?? [],
    ]);
  }
}
