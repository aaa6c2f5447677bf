import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { ControllerConfig } from "../config.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { PortalTls } from "../http/server.ts";
import { readSecret } from "../store/durable-file.ts";
import { loadKeyFile } from "../store/key-file.ts";
import type { Store } from "../store/store.ts";
import { makePortal, type Portal } from "./portal.ts";

export interface OpenedPortal {
  readonly portal: Portal;
  readonly listener: {
    readonly listen: { readonly host: string; readonly port: number };
    readonly tls: PortalTls;
  };
}

/** What the configuration says of the portal; undefined: nothing. Throws ControllerError `key-file`. */
export async function openPortal(
  { portal: wanted, stateDir }: ControllerConfig,
  store: Store,
  clock: Clock,
  log: Logger,
): Promise<OpenedPortal | undefined> {
  if (wanted === undefined) return undefined;
  const { listen, origin, tls, oidc } = wanted;
  const key = await loadKeyFile(join(stateDir, "portal.key"), "make");
  const portal = makePortal({ store, clock, log, origin, key, ...(await loadOidc(oidc)) });
  return { portal, listener: { listen, tls: typeof tls === "string" ? tls : await loadTls(tls) } };
}

async function loadOidc(wanted: NonNullable<ControllerConfig["portal"]>["oidc"]) {
  if (wanted === undefined) return {};
  const { clientSecretFile, ...rest } = wanted;
  try {
    const clientSecret = (await readSecret(clientSecretFile))?.trim();
    if (clientSecret === undefined || clientSecret === "") throw new Error("there is no secret in it");
    return { oidc: { ...rest, clientSecret } };
  } catch (cause) {
    const message = `portal.oidc.clientSecretFile: ${clientSecretFile}: ${messageOf(cause)}`;
    throw new ControllerError("key-file", message, { cause });
  }
}

async function loadTls({ certFile, keyFile }: { readonly certFile: string; readonly keyFile: string }) {
  try {
    const key = await readSecret(keyFile);
    if (key === undefined) throw new Error("there is no such file");
    return { key, cert: await readFile(certFile, "utf8") };
  } catch (cause) {
    throw new ControllerError("key-file", `portal.tls: ${certFile}, ${keyFile}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
