import { join } from "node:path";
import type { Logger } from "pino";
import { CertificateAuthority } from "./ca/authority.ts";
import { CertificateRegistry } from "./ca/registry.ts";
import { ServerIdentity } from "./ca/server-identity.ts";
import type { Clock } from "./clock.ts";
import type { ControllerConfig } from "./config.ts";
import { prepareBroker } from "./fleet/start-broker.ts";
import { Store } from "./store/store.ts";

/**
 * Makes keys, certificates and the files of an external mosquitto, which must be there before it starts, while the
 * controller wants the broker to be there before itself. Throws ControllerError; changes nothing that is there.
 */
export async function prepare(config: ControllerConfig, clock: Clock, log: Logger): Promise<void> {
  await using store = await Store.open(join(config.stateDir, "controller.db"));
  const authority = await CertificateAuthority.open(config.stateDir, clock);
  const server = await ServerIdentity.open(authority, config.stateDir, config.tls.names, clock);
  const registry = await CertificateRegistry.open(store, clock, log);
  const prepared = await prepareBroker(config, { authority, server, registry }, clock.wallMs(), log);
  await prepared?.files[Symbol.asyncDispose]();
}
