import { Socket } from "node:net";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import { parseTopic, topics, type UpKind } from "@vsix/shared/contract/topics.ts";
import type { Observation, Report } from "@vsix/shared/contract/up.ts";
import { openEnvelope, type TrustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { connectAsync, type MqttClient } from "mqtt";

const DIGESTS = { observed: "0123456789abcdef", wanted: "0123456789abcdef" };

/**
 * A fake: speaks the contract as a node would, over a real broker, and has no router behind it. It takes what is
 * published to it and says back what a test tells it to.
 */
export class FakeNode implements AsyncDisposable {
  readonly name: string;
  /** Parts received, by hash. */
  readonly parts = new Map<string, Uint8Array>();
  /** Every manifest that was genuine, oldest first. */
  readonly manifests: Manifest[] = [];
  /** Whoever waits for the broker to take something. */
  readonly #unsaid = new Set<(why: Error) => void>();
  readonly #client: MqttClient;
  readonly #trusted: TrustedKeys;
  readonly #instance = crypto.randomUUID();
  #beat = 0;
  #onManifest: (manifest: Manifest) => void = () => undefined;

  private constructor(name: string, client: MqttClient, trusted: TrustedKeys) {
    this.name = name;
    this.#client = client;
    this.#trusted = trusted;
    client.on("message", (topic, payload) => this.#received(topic, payload));
    // A test may kill the broker under us.
    client.on("error", () => undefined);
  }

  static async connect(
    url: string,
    name: string,
    trusted: TrustedKeys,
    onManifest: (node: FakeNode, manifest: Manifest) => void = () => undefined,
  ): Promise<FakeNode> {
    const client = await connectAsync(url, {
      protocolVersion: 4,
      clientId: `fake-${name}`,
      reconnectPeriod: 50,
    });
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    const node = new FakeNode(name, client, trusted);
    node.#onManifest = (manifest) => onManifest(node, manifest);
    await client.subscribeAsync([topics.parts(name), topics.manifest(name)], { qos: 1 });
    return node;
  }

  /** One part of the newest manifest, as JSON. */
  part<T>(name: string): T | undefined {
    const reference = this.manifests.at(-1)?.parts.find((part) => part.name === name);
    const bytes = reference === undefined ? undefined : this.parts.get(reference.sha256);
    return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString("utf8")) as T);
  }

  async alive(): Promise<void> {
    const { name: node } = this;
    const message = {
      version: 1,
      node,
      state: "online",
      beat: this.#beat++,
      agentVersion: "fake",
      instance: this.#instance,
    };
    await this.say("alive", message);
  }

  /** Says that it holds the newest manifest and that its sessions to these neighbours are up. */
  async report(neighbours: readonly string[]): Promise<void> {
    const manifest = this.manifests.at(-1);
    const message: Report = {
      version: 1,
      node: this.name,
      epoch: manifest?.epoch ?? 0,
      generation: manifest?.generation ?? 0,
      parts: {},
      converged: true,
      objects: { route: 3 },
      kernel: { ...DIGESTS, since: "2026-01-01T00:00:00Z", kinds: [{ kind: "route", ...DIGESTS }] },
      conditions: [],
      sessions: neighbours.map((neighbour) => ({
        neighbour,
        state: "established",
        received: 1,
        accepted: 1,
      })),
    };
    await this.say("report", message);
  }

  async observe(
    edges: Readonly<Record<string, { inbound: string | null; outbound: string | null }>>,
  ): Promise<void> {
    const message: Observation = {
      version: 1,
      node: this.name,
      at: new Date().toISOString(),
      edges: Object.entries(edges).map(([edge, planes]) => ({
        edge,
        ...planes,
        inboundSinceMs: Date.now(),
        outboundSinceMs: Date.now(),
        rttUs: 500,
        lost: 0,
      })),
    };
    await this.say("observation", message);
  }

  /** Any JSON on one of its topics. */
  async say(kind: UpKind, message: object): Promise<void> {
    await this.sayRaw(topics.up(this.name, kind), JSON.stringify(message));
  }

  /** Any bytes on any topic. */
  async sayRaw(topic: string, payload: string | Buffer): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#unsaid.add(reject);
    // What is under way when its client ends is never called back.
    this.#client.publish(topic, payload, { qos: 1, retain: true }, (error) =>
      error ? reject(error) : resolve(),
    );
    await promise.finally(() => this.#unsaid.delete(reject));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.endAsync(true);
    for (const reject of this.#unsaid) reject(new Error(`${this.name} is gone`));
  }

  #received(topic: string, payload: Buffer): void {
    const [level, sha256] = parseTopic(topic)?.rest ?? [];
    if (payload.length === 0) return;
    if (level === "part" && sha256 !== undefined) {
      this.parts.set(sha256, payload);
      return;
    }
    const opened = openEnvelope(payload, manifestType(this.name), this.#trusted);
    if (!opened.ok) return;
    const manifest = JSON.parse(Buffer.from(opened.payload).toString("utf8")) as Manifest;
    this.manifests.push(manifest);
    this.#onManifest(manifest);
  }
}
