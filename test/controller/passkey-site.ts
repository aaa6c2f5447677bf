import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { createAccount } from "../../controller/src/access/accounts.ts";
import { systemClock } from "../../controller/src/clock.ts";
import { parseConfig } from "../../controller/src/config.ts";
import { Controller } from "../../controller/src/controller.ts";
import { buildServer } from "../../controller/src/http/server.ts";
import { invite } from "../../controller/src/portal/invitations.ts";
import { requirePortal } from "../../controller/src/portal/portal.ts";
import type { PortalRole } from "../../controller/src/portal/roles.ts";
import type { Page } from "./browser.ts";
import { PasskeyDevice, type Slip } from "./passkey-device.ts";
import { Tab } from "./tab.ts";

export const PASSWORD = "correct horse battery staple";
/** Where the routes of passkeys are. */
export const AT = "/v1/portal/passkeys";
const MANY = 1_000_000;
const LIMITS = {
  ...{ tokenPerMinute: MANY, addressPerMinute: MANY, failuresPerMinute: MANY },
  ...{ connections: 100, connectionsPerAddress: 100, headersMs: 10_000 },
};

interface Proofs {
  readonly totp: boolean;
  readonly passkeys: readonly { id: number; name: string; usedAt: string | null }[] | null;
}

/** A controller in this process where browsers may come, with a clock that the test moves. */
export class PasskeySite implements AsyncDisposable {
  readonly controller: Controller;
  /** Added to the monotonic clock. */
  laterMs = 0;
  readonly #server: FastifyInstance;
  readonly #directory: string;
  #addresses = 1;

  private constructor(controller: Controller, server: FastifyInstance, directory: string) {
    this.controller = controller;
    this.#server = server;
    this.#directory = directory;
  }

  static async start(origin: string): Promise<PasskeySite> {
    const directory = await mkdtemp(join(tmpdir(), "vsix-passkey-"));
    const listen = { host: "127.0.0.1", port: 0 };
    const config = parseConfig(
      {
        stateDir: join(directory, "state"),
        socket: join(directory, "c.sock"),
        mqtt: { listen },
        portal: { listen, origin, tls: "off" },
      },
      "test",
    );
    let site: PasskeySite | undefined;
    const clock = {
      ...systemClock,
      monotonicMs: () => systemClock.monotonicMs() + (site?.laterMs ?? 0),
    };
    const controller = await Controller.start(config, clock, pino({ level: "silent" }));
    const portal = requirePortal(controller.context);
    const server = await buildServer(controller.context, { limits: LIMITS, tls: false, portal });
    await server.listen(listen);
    site = new PasskeySite(controller, server, directory);
    return site;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.controller[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** A browser at an address of its own: nobody is held back by what others got wrong. */
  tab(): Tab {
    const address = this.#server.server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return new Tab(port, `127.0.1.${this.#addresses++}`);
  }

  async invitation(user: string, role: PortalRole): Promise<string> {
    const portal = requirePortal(this.controller.context);
    return (await invite(portal, { who: "test", isAdmin: true }, { user, role, ttlS: 60 })).invitation;
  }

  /** Somebody who has just accepted his invitation. */
  async member(name: string, role: PortalRole = "user"): Promise<Tab> {
    await createAccount(this.controller.context, "test", { name, display: "" });
    const tab = this.tab();
    const invitation = await this.invitation(name, role);
    const { status, message } = await tab.post("/v1/portal/invitation", { invitation, password: PASSWORD });
    assert.equal(status, 200, message);
    return tab;
  }

  async audit(): Promise<string> {
    return JSON.stringify(await this.controller.context.store.read.audit(1000));
  }

  /** Signs in by the device; `slip` makes its answer wrong. */
  async signIn(tab: Tab, device: PasskeyDevice, slip: Slip = {}): Promise<Page> {
    return tab.post(`${AT}/sign-in/finish`, device.answer(await challenge(tab), slip));
  }
}

/** What a browser is asked that is to make a passkey. */
export async function begin(tab: Tab): Promise<Record<string, unknown>> {
  const { status, body, message } = await tab.post(`${AT}/begin`, { password: PASSWORD });
  assert.equal(status, 200, message);
  return body;
}

/** A device with a passkey of who is signed in. */
export async function withPasskey(tab: Tab): Promise<PasskeyDevice> {
  const device = new PasskeyDevice();
  const { status, message } = await tab.post(`${AT}/finish`, device.make(await begin(tab)));
  assert.equal(status, 200, message);
  return device;
}

/** What a browser is asked that is to sign in. */
export async function challenge(tab: Tab): Promise<Record<string, unknown>> {
  return (await tab.post(`${AT}/sign-in/begin`)).body;
}

export async function proofs(tab: Tab): Promise<Proofs> {
  return (await tab.ask("GET", "/v1/portal/proofs")).body as unknown as Proofs;
}
