import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Provider } from "oidc-provider";
import { ORIGIN } from "./browser.ts";
import { Bench, freePort } from "./harness.ts";

const CLIENT = "vsix-portal";

/** A controller where browsers may come, and an OpenID provider that nobody here wrote (oidc-provider), which believes any name. */
export class OidcSite implements AsyncDisposable {
  readonly bench: Bench;
  readonly port: number;
  readonly issuer: string;
  /** How the controller is known to the provider. */
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  readonly #provider: Server;
  readonly #directory: string;

  private constructor(
    bench: Bench,
    port: number,
    issuer: string,
    clientSecret: string,
    provider: Server,
    directory: string,
  ) {
    this.bench = bench;
    this.port = port;
    this.issuer = issuer;
    this.client = { clientId: CLIENT, clientSecret };
    this.#provider = provider;
    this.#directory = directory;
  }

  static async start(): Promise<OidcSite> {
    const [port, at] = [await freePort(), await freePort()];
    const issuer = `http://127.0.0.1:${at}`;
    const secret = randomBytes(32).toString("hex");
    const provider = new Provider(issuer, {
      clients: [{ client_id: CLIENT, client_secret: secret, redirect_uris: [`${ORIGIN}/oidc`] }],
      pkce: { required: () => true },
      cookies: { keys: ["test"] },
      features: { devInteractions: { enabled: true } },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({
          sub: id,
          email: "alice@example.net",
          email_verified: false,
          preferred_username: "alice",
        }),
      }),
    });
    const server = provider.listen(at, "127.0.0.1");
    const directory = await mkdtemp(join(tmpdir(), "vsix-oidc-"));
    const file = join(directory, "client.secret");
    await writeFile(file, `${secret}\n`, { mode: 0o600 });
    const oidc = { name: "Example ID", issuer, clientId: CLIENT, clientSecretFile: file };
    const bench = await Bench.make(undefined, {
      portal: { listen: { host: "127.0.0.1", port }, origin: ORIGIN, tls: "off", oidc },
      limits: { failuresPerMinute: 10_000, addressPerMinute: 100_000, tokenPerMinute: 100_000 },
    });
    await bench.start();
    return new OidcSite(bench, port, issuer, secret, server, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    this.#provider.closeAllConnections();
    this.#provider.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** What a browser does at the provider, whose pages it fills in as `subject`. Returns what stands behind `?` where it is sent back to. */
  async visit(url: string, subject: string): Promise<string> {
    const jar = new Map<string, string>();
    let next: { url: string; body?: string } = { url };
    for (let step = 0; step < 20; step++) {
      const response = await fetch(next.url, {
        redirect: "manual",
        headers: {
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; "),
          ...(next.body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        },
        ...(next.body === undefined ? {} : { method: "POST", body: next.body }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        jar.set(name, value);
      }
      const location = response.headers.get("location");
      if (location !== null) {
        await response.body?.cancel();
        const to = new URL(location, next.url);
        if (to.origin === ORIGIN) return to.search.slice(1);
        next = { url: to.href };
        continue;
      }
      const page = await response.text();
      const [, action = ""] = /<form[^>]*action="([^"]+)"/.exec(page) ?? assert.fail(page.slice(0, 500));
      const isLogin = page.includes('name="login"');
      next = {
        url: new URL(action, next.url).href,
        body: isLogin ? `prompt=login&login=${subject}&password=x` : "prompt=consent",
      };
    }
    return assert.fail("the provider sends the browser nowhere");
  }
}
