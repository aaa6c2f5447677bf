import assert from "node:assert/strict";
import { ORIGIN } from "./browser.ts";
import { Bench, freePort } from "./harness.ts";
import { OidcProvider } from "./oidc-provider.ts";

/** A controller where browsers may come, and an OpenID provider. */
export class OidcSite implements AsyncDisposable {
  readonly bench: Bench;
  readonly port: number;
  readonly provider: OidcProvider;

  private constructor(bench: Bench, port: number, provider: OidcProvider) {
    this.bench = bench;
    this.port = port;
    this.provider = provider;
  }

  static async start(): Promise<OidcSite> {
    const port = await freePort();
    const provider = await OidcProvider.start(ORIGIN);
    const bench = await Bench.make(undefined, {
      portal: { listen: { host: "127.0.0.1", port }, origin: ORIGIN, tls: "off", oidc: provider.settings },
      limits: { failuresPerMinute: 10_000, addressPerMinute: 100_000, tokenPerMinute: 100_000 },
    });
    await bench.start();
    return new OidcSite(bench, port, provider);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
    await this.provider[Symbol.asyncDispose]();
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
