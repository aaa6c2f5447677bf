import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Provider } from "oidc-provider";
import { freePort } from "./harness.ts";

const CLIENT = "vsix-portal";

/** An OpenID provider that nobody here wrote (oidc-provider), which believes any name; the portal at one origin is its client. */
export class OidcProvider implements AsyncDisposable {
  readonly issuer: string;
  /** How the controller is known to it. */
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  /** `portal.oidc` of the controller's configuration. */
  readonly settings: object;
  readonly #server: Server;
  readonly #directory: string;

  private constructor(issuer: string, clientSecret: string, server: Server, directory: string) {
    this.issuer = issuer;
    this.client = { clientId: CLIENT, clientSecret };
    const clientSecretFile = join(directory, "client.secret");
    this.settings = { name: "Example ID", issuer, clientId: CLIENT, clientSecretFile };
    this.#server = server;
    this.#directory = directory;
  }

  /** For a portal of this origin. */
  static async start(origin: string): Promise<OidcProvider> {
    const port = await freePort();
    const issuer = `http://127.0.0.1:${port}`;
    const secret = randomBytes(32).toString("hex");
    const provider = new Provider(issuer, {
      clients: [{ client_id: CLIENT, client_secret: secret, redirect_uris: [`${origin}/oidc`] }],
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
    const server = provider.listen(port, "127.0.0.1");
    await once(server, "listening");
    const directory = await mkdtemp(join(tmpdir(), "vsix-oidc-"));
    await writeFile(join(directory, "client.secret"), `${secret}\n`, { mode: 0o600 });
    return new OidcProvider(issuer, secret, server, directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}
