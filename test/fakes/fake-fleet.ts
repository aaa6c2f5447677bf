import type { SteeringPart } from "@vsix/shared/contract/part-steering.ts";
import type { TrustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import { FakeNode } from "./fake-node.ts";

/**
 * A fake network: a FakeNode for each of a fabric's nodes of ours. Every Edge "is" where the MEDs that the plane
 * routers were given lead it, and each External Edge says so.
 */
export class FakeFleet implements AsyncDisposable {
  readonly nodes = new Map<string, FakeNode>();
  readonly #fabric: Fabric;
  /** When false, MEDs are received and lead nowhere. */
  obeysMed = true;
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
    this.#tell();
    await this.#chain;
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
