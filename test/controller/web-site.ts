import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { buildWeb } from "../../controller/web/build.ts";
import { Bench, freePort } from "./harness.ts";
import { Network } from "./network.ts";

/** Debian's; the one that scripts/setup installs. */
const CHROMIUM = "/usr/bin/chromium";
/** Pictures of pages, for people to look at. */
const PICTURES = join(import.meta.dirname, "../../.cache/test/pages");
const WAIT_MS = 60_000;
export const PASSWORD = "correct horse battery staple";

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
      // Its sandbox does not work as root.
      const args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
      const browser = await chromium.launch({ executablePath: CHROMIUM, args, timeout: WAIT_MS });
      return new WebSite(bench, network, origin, browser);
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
  async visitor(locale: "en-GB" | "ja-JP" = "en-GB"): Promise<Visitor> {
    const context = await this.#browser.newContext({
      baseURL: this.origin,
      ignoreHTTPSErrors: true,
      locale,
      timezoneId: "Asia/Tokyo",
      viewport: { width: 1280, height: 900 },
    });
    context.setDefaultTimeout(WAIT_MS);
    const visitor = new Visitor(context, await context.newPage());
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A new user, who has just accepted his invitation in this browser. */
  async invited(name: string, visitor: Visitor, ...args: readonly string[]): Promise<void> {
    await this.done("user", "create", name);
    await visitor.page.goto(await this.done("user", "invite", name, ...args));
    await visitor.page.locator('input[name="new-password"]').fill(PASSWORD);
    await visitor.page.locator('input[name="new-password-again"]').fill(PASSWORD);
    await visitor.page.locator('button[type="submit"]').click();
    await visitor.page.locator("nav, header").first().waitFor();
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

/** A browser's context with one page, and everything that went wrong in it. */
export class Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors of the console (refusals by the Content Security Policy are among them) and of scripts. */
  readonly complaints: string[] = [];

  constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.on("console", (message) => {
      const text = message.text();
      // An answer that is a refusal, which the page shows, is logged by the browser too.
      if (message.type() !== "error" || text.startsWith("Failed to load resource")) return;
      this.complaints.push(`${page.url()}: ${text}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
  }

  /** What axe finds that keeps people from using the page (WCAG 2.2 A and AA), and a picture of it under this name. */
  async barriers(name: string): Promise<readonly string[]> {
    await mkdir(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const { violations } = await new AxeBuilder({ page: this.page }).withTags(tags).analyze();
    return violations.map(
      ({ id, help, nodes }) => `${name}: ${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`,
    );
  }
}
