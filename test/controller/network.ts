import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { Status } from "../../controller/src/status/model.ts";
import type { RolloutView } from "../../controller/src/status/rollout-model.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { Bench, until } from "./harness.ts";

export const FABRIC = join(import.meta.dirname, "../lab/fixtures/many-edges.yaml");

/** A network of 20 Edges on blue, and a fleet that goes on telling. */
export class Network implements AsyncDisposable {
  readonly bench: Bench;
  readonly fleet: FakeFleet;
  readonly #stop = new AbortController();
  readonly #telling: Promise<void>;

  private constructor(bench: Bench, fleet: FakeFleet) {
    this.bench = bench;
    this.fleet = fleet;
    this.#telling = this.#tell();
  }

  /** `change` goes over the controller's configuration. */
  static async start(change: object = {}): Promise<Network> {
    await using started = new AsyncDisposableStack();
    const bench = started.use(await Bench.make(undefined, change));
    await bench.start();
    assert.equal((await bench.vsixctl("apply", FABRIC)).code, 0);
    const parsed = parseFabric(await readFile(FABRIC, "utf8"), FABRIC);
    assert.ok(parsed.ok);
    const fleet = started.use(await FakeFleet.connect(bench.url, parsed.fabric, await bench.trusted()));
    const network = new Network(bench, fleet);
    started.defer(() => network.#endTelling());
    await until("everything is ready", async () => (await bench.get<Status>("/v1/status")).ready);
    started.move();
    return network;
  }

  async rollout(...args: readonly string[]): Promise<RolloutView> {
    return this.bench.json<RolloutView>("rollout", ...args);
  }

  /** The newest. */
  async newest(): Promise<RolloutView> {
    const { rollouts } = await this.bench.get<{ readonly rollouts: readonly RolloutView[] }>(
      "/v1/rollouts?limit=1",
    );
    assert.ok(rollouts[0] !== undefined);
    return rollouts[0];
  }

  /** Waits until the newest rollout is in this stage, and step. */
  async stage(stage: string, step?: number): Promise<RolloutView> {
    let seen: RolloutView | undefined;
    await until(`${stage} ${step ?? ""}`, async () => {
      seen = await this.newest();
      return seen.stage === stage && (step === undefined || seen.step === step);
    });
    assert.ok(seen !== undefined);
    return seen;
  }

  /** Waits until the newest rollout is in another stage, or step, than this. */
  async other({ stage, step }: RolloutView): Promise<RolloutView> {
    let seen: RolloutView | undefined;
    await until(`another stage than ${stage} ${step}`, async () => {
      seen = await this.newest();
      return seen.stage !== stage || seen.step !== step;
    });
    assert.ok(seen !== undefined);
    return seen;
  }

  /** What is stored: plane wanted, by Edge. */
  async wanted(): Promise<ReadonlyMap<string, string>> {
    const { edges } = await this.bench.get<Status>("/v1/status");
    return new Map(edges.map(({ edge, wanted }) => [edge, wanted]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endTelling();
    await this.fleet[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }

  async #endTelling(): Promise<void> {
    this.#stop.abort();
    await this.#telling;
  }

  async #tell(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.fleet.tell().catch(() => undefined);
      await sleep(250, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}
