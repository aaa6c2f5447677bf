import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import type { TrustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import { FakeNode } from "./fake-node.ts";

/** So much was measured before the fleet came: a judge need not wait. Answers have their second, then a window is told. */
const MEASURED_BEFORE_S = 70;
const TOLD_AFTER_MS = 2_000;

/**
 * A fake network: a FakeNode for each of a fabric's nodes of ours. Every Edge "is" where the MEDs that the plane
 * routers were given lead it, and each External Edge says so.
 */
export class FakeFleet implements AsyncDisposable {
  readonly nodes = new Map<string, FakeNode>();
  readonly #fabric: Fabric;
  /** When false, MEDs are received and lead nowhere. */
  obeysMed = true;
  #instance = 0;
  #measuredS = -MEASURED_BEFORE_S;
  readonly #startMs = performance.now();
  readonly #planes = new Map<string, string>();
  #chain: Promise<void> = Promise.resolve();

  private constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  static async connect(url: string, fabric: Fabric, trusted: TrustedKeys): Promise<FakeFleet> {
    const fleet = new FakeFleet(fabric);
    for (const node of fabric.nodes) {
      if (node.software !== "vsix") continue;
      const fake = await FakeNode.connect(url, node.name, trusted, (self) => fleet.#tell(self));
      fleet.nodes.set(node.name, fake);
      await fake.alive();
      await fake.report(adjacenciesOf(fabric, node.name).map(({ neighbour }) => neighbour));
    }
    fleet.#tell();
    await fleet.#chain;
    return fleet;
  }

  /** One more beat of every node. */
  async beat(): Promise<void> {
    for (const node of this.nodes.values()) await node.alive();
  }

  /** Says again where every Edge is, as External Edges do every few seconds, and beats. */
  async tell(): Promise<void> {
    await this.beat();
    await this.#measure();
    this.#tell();
    await this.#chain;
  }

  /** The controller remembers nothing: what the last minute was is told once more. */
  tellAgain(): void {
    this.#measuredS = Math.floor((performance.now() - this.#startMs) / 1000) - MEASURED_BEFORE_S;
    this.#instance++;
  }

  /** Every second that is over and not told: each plane router has measured each target, and nothing was lost. */
  async #measure(): Promise<void> {
    const { targets, intervalMs } = this.#fabric.measure;
    const nowMs = performance.now() - this.#startMs;
    for (; (this.#measuredS + 1) * 1000 + TOLD_AFTER_MS <= nowMs; this.#measuredS++) {
      const rttsUs = Array.from({ length: 1000 / intervalMs }, (_, i) => 500 + ((i * 7) % 5));
      for (const { name: node, role } of this.#fabric.nodes) {
        if (role !== "plane") continue;
        const window: Quality = {
          version: 1,
          node,
          instance: String(this.#instance),
          window: this.#measuredS + MEASURED_BEFORE_S + 1,
          startMs: Date.now(),
          ageMs: nowMs - this.#measuredS * 1000,
          lengthMs: 1000,
          intervalMs,
          measured: targets.length,
          targets: targets.map(({ name, address }) => ({
            ...{ name, address, sent: rttsUs.length, lost: 0, unsent: 0, late: 0 },
            rttsUs,
          })),
        };
        await this.nodes.get(node)?.say("quality", window);
      }
    }
  }

  /** Where an Edge "is"; undefined: nowhere. */
  planeOf(edge: string): string | undefined {
    return this.#planes.get(edge);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chain;
    for (const node of this.nodes.values()) await node[Symbol.asyncDispose]();
  }

  #tell(changed?: FakeNode): void {
    this.#chain = this.#chain.then(() => this.#tellNow(changed)).catch(() => undefined);
  }

  async #tellNow(changed: FakeNode | undefined): Promise<void> {
    if (changed !== undefined) {
      await changed.report(adjacenciesOf(this.#fabric, changed.name).map(({ neighbour }) => neighbour));
    }
    if (this.obeysMed) for (const { name } of edgesOf(this.#fabric)) this.#settle(name);
    const seen = Object.fromEntries(
      [...this.#planes].map(([edge, plane]) => [edge, { inbound: plane, outbound: plane }]),
    );
    for (const { name, role } of this.#fabric.nodes) {
      if (role === "external-edge") await this.nodes.get(name)?.observe(seen);
    }
  }

  #settle(edge: string): void {
    let best = Number.POSITIVE_INFINITY;
    for (const { peer } of adjacenciesOf(this.#fabric, edge)) {
      const steering = this.nodes.get(peer.name)?.part<SteeringPart>("steering");
      const med = steering?.edges.find(({ name }) => name === edge)?.med ?? Number.POSITIVE_INFINITY;
      if (med < best && peer.plane !== undefined) {
        best = med;
        this.#planes.set(edge, peer.plane);
      }
    }
  }
}
