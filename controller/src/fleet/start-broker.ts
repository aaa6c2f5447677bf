import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { ServerIdentity } from "../ca/server-identity.ts";
import type { ControllerConfig } from "../config.ts";
import { ControllerError } from "../errors.ts";
import type { Broker } from "./broker.ts";
import { EmbeddedBroker } from "./broker-embedded.ts";
import { ExternalBroker } from "./broker-external.ts";

export interface Identity {
  readonly server: ServerIdentity;
  readonly registry: CertificateRegistry;
}

/** Starts the embedded broker or connects to the external one, as configured. Throws ControllerError `broker`. */
export async function startBroker(
  { mqtt }: ControllerConfig,
  identity: Identity,
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
      ...(mqtt.tls ? { tls: identity } : {}),
      maxClients,
      maxPacketBytes,
      log: log.child({ part: "broker" }),
    });
  }
  if (url === undefined) throw new ControllerError("config", "mqtt: wants `listen` or `url`");
  return ExternalBroker.connect({
    url,
    clientId: `vsix-controller-${randomBytes(6).toString("hex")}`,
    connectTimeoutMs: 10_000,
    publishTimeoutMs: 5000,
    maxPacketBytes,
    log: log.child({ part: "broker" }),
  });
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
