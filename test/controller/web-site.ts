import assert from "node:assert/strict";
import type { Browser } from "playwright-core";
import { buildWeb } from "../../controller/web/build.ts";
import { Bench, freePort } from "./harness.ts";
import { Network } from "./network.ts";
import { type Locale, launchChromium, Visitor } from "./visitor.ts";

/**
 * A controller as a process of its own that shows the web application with TLS of its own, and a real browser to look at it.
 * Everything goes away at the end.
 */
export class WebSite implements AsyncDisposable {
  readonly bench: Bench;
  readonly origin: string;
  readonly #browser: Browser;
  readonly #visitors: Visitor[] = [];
  readonly #network: Network | undefined;

  private constructor(bench: Bench, network: Network | undefined, origin: string, browser: Browser) {
    this.bench = bench;
    this.#network = network;
    this.origin = origin;
    this.#browser = browser;
  }

  /**
   * `hasFleet`: the controller has a network whose nodes go on telling that all is well (network.ts). `more` goes over the
   * controller's configuration.
   */
  static async start({
    hasFleet = false,
    port,
    oidc,
    more = {},
  }: {
    readonly hasFleet?: boolean;
    readonly port?: number;
    /** `portal.oidc` of the configuration. */
    readonly oidc?: object;
    readonly more?: object;
  } = {}): Promise<WebSite> {
    await buildWeb();
    const at = port ?? (await freePort());
    // A name: browsers make passkeys for names only, and trust this one whatever the certificate.
    const origin = `https://localhost:${at}`;
    const change = {
      portal: { listen: { host: "127.0.0.1", port: at }, origin, ...(oidc === undefined ? {} : { oidc }) },
      enrol: { host: "127.0.0.1", port: await freePort() },
      limits: { failuresPerMinute: 10_000, addressPerMinute: 100_000, tokenPerMinute: 100_000 },
      ...more,
    };
    const network = hasFleet ? await Network.start(change) : undefined;
    const bench = network?.bench ?? (await Bench.make(undefined, change));
    try {
      if (network === undefined) await bench.start();
      return new WebSite(bench, network, origin, await launchChromium());
    } catch (error) {
      await (network ?? bench)[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Of `hasFleet`. */
  get fleet(): Network["fleet"] {
    assert.ok(this.#network !== undefined, "it was started without a fleet");
    return this.#network.fleet;
  }

  /** Runs vsixctl, which must succeed. */
  async done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.bench.vsixctl(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Somebody with a browser of his own, which says that it wants this language. */
  async visitor(locale: Locale = "en-GB"): Promise<Visitor> {
    const visitor = await Visitor.open(this.#browser, this.origin, locale);
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A new user, who has just accepted his invitation in this browser. */
  async invited(name: string, visitor: Visitor, ...args: readonly string[]): Promise<void> {
    await this.done("user", "create", name);
    await visitor.accept(await this.done("user", "invite", name, ...args));
  }

  /** Of all visitors: what browsers complained of. */
  get complaints(): readonly string[] {
    return this.#visitors.flatMap(({ complaints }) => complaints);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await (this.#network ?? this.bench)[Symbol.asyncDispose]();
  }
}
