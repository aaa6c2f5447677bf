import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { CertificateAuthority } from "../ca/authority.ts";
import { type ClientIdentity, openClientIdentity } from "../ca/client-identity.ts";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { ServerIdentity } from "../ca/server-identity.ts";
import type { Clock } from "../clock.ts";
import type { ControllerConfig } from "../config.ts";
import { ControllerError, messageOf } from "../errors.ts";
import type { Broker } from "./broker.ts";
import { EmbeddedBroker } from "./broker-embedded.ts";
import { ExternalBroker } from "./broker-external.ts";
import { MosquittoFiles, subjectOf } from "./mosquitto-files.ts";

export interface Identity {
  readonly authority: CertificateAuthority;
  readonly server: ServerIdentity;
  readonly registry: CertificateRegistry;
}

/** Starts the embedded broker or connects to the external one, as configured. Throws ControllerError `broker`. */
export async function startBroker(
  { mqtt }: ControllerConfig,
  identity: Identity,
  client: ClientIdentity | undefined,
  clock: Clock,
  log: Logger,
): Promise<Broker> {
  const { listen, url, maxClients, maxPacketBytes } = mqtt;
  if (listen !== undefined) {
    if (!mqtt.tls)
      log.warn(
        { ...listen },
        "MQTT WITHOUT TLS: nodes prove nothing, whoever reaches the broker speaks as any of them; set mqtt.tls",
      );
    return EmbeddedBroker.start({
      ...listen,
      ...(mqtt.tls ? { tls: { ...identity, clock } } : {}),
      maxClients,
      maxPacketBytes,
      log: log.child({ part: "broker" }),
    });
  }
  if (url?.startsWith("mqtt:") === true && mqtt.files === undefined)
    log.warn({ url }, "MQTT WITHOUT TLS: nodes prove nothing unless that broker sees to it; see mqtt.files");
  if (url === undefined) throw new ControllerError("config", "mqtt: wants `listen` or `url`");
  return ExternalBroker.connect({
    url,
    ...(client === undefined ? {} : { open: client.open }),
    clientId: `vsix-controller-${randomBytes(6).toString("hex")}`,
    connectTimeoutMs: 10_000,
    publishTimeoutMs: 5000,
    maxPacketBytes,
    log: log.child({ part: "broker" }),
  });
}

/**
 * Keeps the files that an external mosquitto needs, where they are configured, and returns what the controller shows there.
 */
export async function prepareBroker(
  { mqtt, stateDir }: ControllerConfig,
  { authority, server, registry }: Identity,
  nowMs: number,
  log: Logger,
): Promise<{ readonly client: ClientIdentity; readonly files: MosquittoFiles } | undefined> {
  if (mqtt.files === undefined) return undefined;
  const client = await openClientIdentity(authority, stateDir, nowMs);
  const { directory, pidFile } = mqtt.files;
  const controller = subjectOf(client.name, client.serial);
  try {
    const options = { directory, pidFile, authority, server, registry, controller, log };
    return { client, files: await MosquittoFiles.open(options) };
  } catch (cause) {
    if (cause instanceof ControllerError) throw cause;
    throw new ControllerError("config", `mqtt.files.directory: ${messageOf(cause)}`, { cause });
  }
}

/** What nodes are told to connect to; the port is the one that was really bound. */
export function brokerUrlForNodes({ mqtt, tls }: ControllerConfig, broker: Broker): string {
  if (mqtt.nodeUrl !== undefined || mqtt.listen === undefined) return mqtt.nodeUrl ?? broker.url;
  const url = new URL(broker.url);
  return `${url.protocol}//${urlHost(tls.names[0] ?? "localhost")}:${url.port}`;
}

/** A host as it stands in a URL (RFC 3986 section 3.2.2). */
export function urlHost(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
