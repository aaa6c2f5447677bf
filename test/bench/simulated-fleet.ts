import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import { pino } from "pino";
import type { AgentDocument } from "../../agent/src/documents/document.ts";
import type { Progress } from "../lab/progress.ts";
import { SimulatedNode } from "./simulated-node.ts";

/** What the controller lets one address ask for in a minute is 300; every node would have an address of its own. */
const NODES_PER_ADDRESS = 250;
/** Handshakes at a time: the broker lets no more than 32 strangers in from one address, and a slow machine has 10 s for each. */
const AT_ONCE = 6;
/** External Edges say where everybody is this often, and this soon after a change. */
const OBSERVE_EVERY_MS = 5_000;
const OBSERVE_AFTER_MS = 50;
/** Disks of the nodes: each would have its own, so what they write must not wait for one that all share. */
const DISKS = "/dev/shm";

export interface SimulatedFleetOptions {
  readonly fabric: Fabric;
  /** A claim for a node. */
  readonly claim: (node: string) => Promise<string>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** A {@link SimulatedNode} for each node of ours. Every Edge "is" where the MEDs of its plane routers lead it. */
export class SimulatedFleet implements AsyncDisposable {
  readonly #fabric: Fabric;
  readonly #directory: string;
  readonly #nodes = new Map<string, SimulatedNode>();
  readonly #stop = new AbortController();
  readonly #planes = new Map<string, string>();
  /** Of each node that took a document: when, by performance.now(), and its generation. */
  readonly #taken = new Map<string, { readonly atMs: number; readonly generation: number }>();
  #soon: NodeJS.Timeout | undefined;
  #loop: Promise<void> | undefined;

  private constructor(fabric: Fabric, directory: string) {
    this.#fabric = fabric;
    this.#directory = directory;
  }

  static async start({ fabric, claim, progress, signal }: SimulatedFleetOptions): Promise<SimulatedFleet> {
    const fleet = new SimulatedFleet(fabric, await mkdtemp(join(DISKS, "vsix-bench-")));
    try {
      const names = fabric.nodes.filter(({ software }) => software === "vsix").map(({ name }) => name);
      let done = 0;
      await inTurn(names, AT_ONCE, async (name, i) => {
        signal.throwIfAborted();
        const node = await SimulatedNode.enrol(fleet.#optionsOf(name, i), await claim(name));
        fleet.#nodes.set(name, node);
        await node.connect();
        progress.update(`${++done} of ${names.length} simulated nodes enrolled and connected`);
      });
      fleet.#loop = fleet.#observeAgain();
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  get size(): number {
    return this.#nodes.size;
  }

  /** Names of the nodes that hold a document. */
  get holding(): number {
    return [...this.#nodes.values()].filter(({ document }) => document !== undefined).length;
  }

  /** Forgets who took what; from now on what is taken counts. */
  forget(): void {
    this.#taken.clear();
  }

  /** When these nodes took a document since {@link forget}, or undefined while some have not. */
  takenBy(names: readonly string[]): readonly number[] | undefined {
    const times = names.map((name) => this.#taken.get(name)?.atMs);
    return times.every((time) => time !== undefined) ? times : undefined;
  }

  /** How many Edges are where these plane routers lead them. */
  on(plane: string): number {
    return [...this.#planes.values()].filter((each) => each === plane).length;
  }

  /** The nodes, in the order of the fabric file. */
  get nodes(): readonly SimulatedNode[] {
    return this.#fabric.nodes.flatMap(({ name }) => this.#nodes.get(name) ?? []);
  }

  /** Why nodes refused what came. */
  get refusals(): readonly string[] {
    return [...this.#nodes.values()].flatMap(({ name, refusal }) =>
      refusal === undefined ? [] : [`${name}: ${refusal}`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#soon);
    await this.#loop;
    await Promise.all([...this.#nodes.values()].map((node) => node[Symbol.asyncDispose]()));
    await rm(this.#directory, { recursive: true, force: true });
  }

  #optionsOf(name: string, index: number) {
    return {
      name,
      directory: join(this.#directory, name),
      from: `127.0.1.${1 + Math.floor(index / NODES_PER_ADDRESS)}`,
      log: pino({ enabled: false }),
      neighbours: adjacenciesOf(this.#fabric, name).map(({ neighbour }) => neighbour),
      onDocument: (node: SimulatedNode, document: AgentDocument) => this.#took(node, document),
    };
  }

  #took({ name }: SimulatedNode, { manifest, steering, fabric }: AgentDocument): void {
    this.#taken.set(name, { atMs: performance.now(), generation: manifest.generation });
    const { plane } = fabric.node;
    if (plane === undefined) return;
    const { preferred } = this.#fabric.policy.med;
    for (const edge of steering?.edges ?? []) if (edge.med === preferred) this.#planes.set(edge.name, plane);
    this.#soon ??= setTimeout(() => this.#observe(), OBSERVE_AFTER_MS);
  }

  #observe(): void {
    this.#soon = undefined;
    const nowMs = Date.now();
    const edges = edgesOf(this.#fabric).map(({ name: edge }) => {
      const plane = this.#planes.get(edge) ?? null;
      const since = { inboundSinceMs: nowMs, outboundSinceMs: nowMs };
      return { edge, inbound: plane, outbound: plane, ...since, rttUs: 500, lost: 0 };
    });
    for (const { name, role } of this.#fabric.nodes)
      if (role === "external-edge") this.#nodes.get(name)?.observe(edges);
  }

  async #observeAgain(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.#observe();
      await sleep(OBSERVE_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Does this for each, so many at a time. When one fails nothing more is begun, and what is under way ends first. */
async function inTurn<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const entries = items.entries();
  const failures: unknown[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, item] of entries) {
        await work(item, index).catch((error: unknown) => void failures.push(error));
        if (failures.length > 0) return;
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
