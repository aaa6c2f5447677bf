import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { ApiClient } from "../../controller/src/cli/client.ts";
import type { ClaimReply } from "../../controller/src/http/routes-identity.ts";
import { freePort, until } from "../controller/harness.ts";
import { WebSite } from "../controller/web-site.ts";
import type { BenchContext } from "./bench-case.ts";
import { largeFabric } from "./large-fabric.ts";
import { SimulatedFleet } from "./simulated-fleet.ts";

/** Nodes of ours: 476 Edges, 20 routers of planes, three External Edges, the controller's own. */
export const NODES = 500;
const EDGES = NODES - 24;
/** Each node tells something new once in this time. */
const UPDATE_MS = 1000;
/** As agents do (agent/src/sensors/port-watch.ts). */
const COUNTERS_MS = 5000;
const TICK_MS = 20;

/** What every figure taken here must be read with. */
export const FAKES = [
  "Nodes are FAKES: the agent's own control side (identity, mutual TLS, signatures, documents) over the controller's own broker, and no",
  "router behind it. Each reports once a second that it is converged, or that it is not any more; counters of ports every 5 s.",
];

/** A controller with its portal, a browser, and 500 simulated nodes that tell something new every second. */
export class WebBed implements AsyncDisposable {
  readonly site: WebSite;
  readonly api: ApiClient;
  readonly fleet: SimulatedFleet;
  readonly #fabric: Fabric;
  readonly #stop = new AbortController();
  readonly #telling: Promise<void>;
  #told = 0;

  private constructor(site: WebSite, api: ApiClient, fleet: SimulatedFleet, fabric: Fabric) {
    this.site = site;
    this.api = api;
    this.fleet = fleet;
    this.#fabric = fabric;
    this.#telling = this.#tell();
  }

  static async start({ progress, signal }: BenchContext): Promise<WebBed> {
    const yaml = largeFabric(EDGES);
    const parsed = parseFabric(yaml, "large.yaml");
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults.slice(0, 3)));
    await using undo = new AsyncDisposableStack();
    const mqtt = { listen: { host: "127.0.0.1", port: await freePort() }, tls: true };
    const more = { mqtt, tls: { names: ["127.0.0.1"] }, leaseMs: 60_000 };
    const site = undo.use(await WebSite.start({ more }));
    const file = join(site.bench.directory, "large.yaml");
    await writeFile(file, yaml);
    await site.done("apply", file);
    const api = new ApiClient({ socket: site.bench.socket }, "bench");
    const claim = async (node: string): Promise<string> =>
      (await api.post<ClaimReply>(`/v1/nodes/${node}/enrol`, { ttlS: 600 })).token;
    const { fabric } = parsed;
    const fleet = undo.use(await SimulatedFleet.start({ fabric, claim, progress, signal }));
    await until("every node holds its document", () => fleet.holding === fleet.size);
    undo.move();
    return new WebBed(site, api, fleet, fabric);
  }

  /** Reports sent so far. */
  get told(): number {
    return this.#told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#telling;
    await this.fleet[Symbol.asyncDispose]();
    await this.site[Symbol.asyncDispose]();
  }

  /** Spread evenly over the second; whoever was late catches up. */
  async #tell(): Promise<void> {
    const { signal } = this.#stop;
    const { nodes } = this.fleet;
    const startMs = performance.now();
    let counted = 0;
    while (!signal.aborted) {
      const ms = performance.now() - startMs;
      for (; this.#told < (ms * nodes.length) / UPDATE_MS; this.#told++) {
        const round = Math.floor(this.#told / nodes.length);
        nodes[this.#told % nodes.length]?.tell((round + this.#told) % 2 === 0);
      }
      for (; counted < (ms * nodes.length) / COUNTERS_MS; counted++) this.#count(counted % nodes.length, ms);
      await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** A few megabits a second, other ones at each node. */
  #count(index: number, ms: number): void {
    const node = this.fleet.nodes[index];
    if (node === undefined) return;
    const octets = Math.round(ms * (100 + 20 * index) + 2000 * index * (1 + Math.sin(ms / 7000)));
    node.count(
      adjacenciesOf(this.#fabric, node.name).map(({ neighbour, self }) => ({
        ...{
          interface: self.interface,
          peer: neighbour,
          rxErrors: 0,
          txErrors: 0,
          rxDropped: 0,
          txDropped: 0,
        },
        ...{ rxOctets: octets, txOctets: octets },
      })),
    );
  }
}
