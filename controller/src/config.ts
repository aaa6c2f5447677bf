import { readFile } from "node:fs/promises";
import { BlockList, isIP } from "node:net";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ControllerError, messageOf } from "./errors.ts";

const Port = Type.Integer({ minimum: 0, maximum: 65535 });
const Endpoint = Type.Object(
  { host: Type.String({ minLength: 1 }), port: Port },
  { additionalProperties: false },
);

const Limit = (byDefault: number) => Type.Integer({ minimum: 1, maximum: 1_000_000, default: byDefault });

const GIB = 1024 ** 3;
/** How long, and how much at most. */
const Kept = (days: number, octets: number) =>
  Type.Object(
    {
      days: Type.Number({ exclusiveMinimum: 0, maximum: 36_500, default: days }),
      octets: Type.Integer({ minimum: 1024 * 1024, maximum: 1024 ** 5, default: octets }),
    },
    { additionalProperties: false, default: {} },
  );

/** The controller's configuration file (JSON). README.md holds the table for people. */
export const ControllerConfig = Type.Object(
  {
    /** Directory of the database and the signing key; made when missing, mode 0700. */
    stateDir: Type.String({ minLength: 1 }),
    /** Unix socket of the HTTP API; mode 0600. 107 octets is what sockaddr_un holds (unix(7)). */
    socket: Type.String({ minLength: 1, maxLength: 107 }),
    /** The API on TCP without TLS, with tokens; loopback only, for a token would travel in clear. */
    http: Type.Optional(Endpoint),
    /** The API over TLS, with tokens. */
    https: Type.Optional(Endpoint),
    /** Where people sign in with their browsers; without it none can. */
    portal: Type.Optional(
      Type.Object(
        {
          listen: Endpoint,
          /** As browsers know it: https://HOST[:PORT], and nothing behind. */
          origin: Type.String({ minLength: 1, maxLength: 512 }),
          /** own: the certificate of our own CA. off: a proxy on this machine does TLS. Else files, PEM; the key's mode is 0600. */
          tls: Type.Union(
            [
              Type.Literal("own"),
              Type.Literal("off"),
              Type.Object(
                { certFile: Type.String({ minLength: 1 }), keyFile: Type.String({ minLength: 1 }) },
                { additionalProperties: false },
              ),
            ],
            { default: "own" },
          ),
          /** An OpenID provider that people may sign in by, when they have linked what they are there. */
          oidc: Type.Optional(
            Type.Object(
              {
                /** What the button says. */
                name: Type.String({ minLength: 1, maxLength: 64 }),
                issuer: Type.String({ minLength: 1, maxLength: 512 }),
                clientId: Type.String({ minLength: 1, maxLength: 256 }),
                /** Mode 0600. */
                clientSecretFile: Type.String({ minLength: 1 }),
              },
              { additionalProperties: false },
            ),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    /** What `http`, `https` and `portal` take; the unix socket has no limits. */
    limits: Type.Object(
      {
        tokenPerMinute: Limit(600),
        addressPerMinute: Limit(1200),
        failuresPerMinute: Limit(20),
        connections: Limit(512),
        connectionsPerAddress: Limit(64),
        headersMs: Limit(10_000),
      },
      { additionalProperties: false, default: {} },
    ),
    /** Names and addresses in the server certificate of every TLS listener; nodes are told the first one. */
    tls: Type.Object(
      {
        names: Type.Array(Type.String({ minLength: 1, maxLength: 253, pattern: "^[A-Za-z0-9.:-]+$" }), {
          minItems: 1,
          maxItems: 64,
          default: ["localhost", "::1", "127.0.0.1"],
        }),
      },
      { additionalProperties: false, default: {} },
    ),
    /** Where nodes enrol and renew their certificates, HTTPS; without it none can. */
    enrol: Type.Optional(Endpoint),
    mqtt: Type.Object(
      {
        /** Where the embedded broker listens. */
        listen: Type.Optional(Endpoint),
        /** The embedded broker speaks TLS and wants a certificate of ours from every client. */
        tls: Type.Boolean({ default: false }),
        /** MQTT without TLS beyond loopback: whoever reaches the broker can speak as any node. */
        insecure: Type.Boolean({ default: false }),
        /** What an external mosquitto needs to let in nobody but our nodes is written there, and kept up to date. */
        files: Type.Optional(
          Type.Object(
            {
              directory: Type.String({ minLength: 1 }),
              /** mosquitto's `pid_file`: it gets SIGHUP after each change. */
              pidFile: Type.Optional(Type.String({ minLength: 1 })),
            },
            { additionalProperties: false },
          ),
        ),
        /** What nodes are told when they enrol, where it is not what the controller itself uses. */
        nodeUrl: Type.Optional(Type.String({ pattern: "^mqtts?://" })),
        /** Somebody else's broker: mqtt://HOST:PORT. */
        url: Type.Optional(Type.String({ pattern: "^mqtts?://" })),
        /** Largest MQTT packet taken from a client, octets. */
        maxPacketBytes: Type.Integer({ minimum: 1024, maximum: 64 * 1024 * 1024, default: 4 * 1024 * 1024 }),
        maxClients: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 2048 }),
      },
      { additionalProperties: false },
    ),
    /** Captured DNS: what is kept, in STATEDIR/dns.db. */
    dns: Type.Object(
      {
        pairs: Kept(30, 8 * GIB),
        minutes: Kept(90, GIB),
        hours: Kept(800, GIB),
        dayRollups: Kept(3650, GIB),
      },
      { additionalProperties: false, default: {} },
    ),
    /** How long it is kept how the network felt from its nodes. */
    healthDays: Type.Integer({ minimum: 1, maximum: 3650, default: 90 }),
    /** Written at each start: what agents verify manifests with. Default: STATEDIR/controller.pub. */
    publicKeyFile: Type.Optional(Type.String({ minLength: 1 })),
    /** Key of pseudonyms and hashes of captured DNS, mode 0600. Default: STATEDIR/capture.key, made when missing. */
    captureKeyFile: Type.Optional(Type.String({ minLength: 1 })),
    /** Who is told when a path changes: a file of receivers (shared/schema/receivers.schema.json). None: nobody. */
    notify: Type.Optional(Type.String({ minLength: 1 })),
    /** Somebody's NetBox, kept in line with our pools. */
    netbox: Type.Optional(
      Type.Object(
        {
          url: Type.String({ pattern: "^https?://" }),
          /** Holds the API token; mode 0600. */
          tokenFile: Type.String({ minLength: 1 }),
          /** Holds the secret of its webhooks; mode 0600. None: webhooks are refused. */
          webhookSecretFile: Type.Optional(Type.String({ minLength: 1 })),
          /** How often both are compared, where no webhook comes. */
          everyS: Type.Integer({ minimum: 10, maximum: 86_400, default: 300 }),
        },
        { additionalProperties: false },
      ),
    ),
    /** A node is offline when its beat has not grown for so long. */
    leaseMs: Type.Integer({ minimum: 100, maximum: 3_600_000, default: 15_000 }),
    /** How long after its issue a manifest may still be accepted. */
    acceptForS: Type.Integer({ minimum: 60, maximum: 31_536_000, default: 7 * 86_400 }),
    logLevel: Type.Union(
      ["debug", "info", "warn", "error", "silent"].map((level) => Type.Literal(level)),
      { default: "info" },
    ),
  },
  { additionalProperties: false },
);
export type ControllerConfig = Static<typeof ControllerConfig>;

/** Reads and checks a configuration file. Every fault at once in one `config` error, each naming its field. */
export async function readConfig(file: string): Promise<ControllerConfig> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw new ControllerError("config", `${file}: cannot be read: ${messageOf(cause)}`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ControllerError("config", `${file}: is not JSON: ${messageOf(cause)}`, { cause });
  }
  return parseConfig(value, file);
}

/** Checks a configuration value; `where` begins every message. */
export function parseConfig(input: unknown, where: string): ControllerConfig {
  const value = Value.Default(ControllerConfig, Value.Clone(input));
  const faults = new Map<string, string>();
  for (const error of Value.Errors(ControllerConfig, value)) {
    const field = error.path === "" ? "(whole file)" : error.path.slice(1).replaceAll("/", ".");
    if (!faults.has(field)) faults.set(field, explain(error.message));
  }
  if (faults.size === 0 && Value.Check(ControllerConfig, value)) {
    for (const [field, fault] of crossChecks(value)) faults.set(field, fault);
    if (faults.size === 0) return value;
  }
  const lines = [...faults].map(([field, fault]) => `${where}: ${field}: ${fault}`);
  throw new ControllerError("config", lines.join("\n"));
}

function* crossChecks(config: ControllerConfig): Generator<[string, string]> {
  const { listen, url } = config.mqtt;
  if (listen === undefined && url === undefined) {
    yield ["mqtt", "wants `listen` (embedded broker) or `url` (an external one)"];
  }
  if (listen !== undefined && url !== undefined) yield ["mqtt", "`listen` and `url` exclude each other"];
  if (url !== undefined && !URL.canParse(url)) yield ["mqtt.url", "is not a URL"];
  if (config.mqtt.files !== undefined && url?.startsWith("mqtts:") !== true)
    yield ["mqtt.files", "is for an external broker with TLS: mqtt.url must begin with mqtts://"];
  if (config.mqtt.nodeUrl !== undefined && !URL.canParse(config.mqtt.nodeUrl))
    yield ["mqtt.nodeUrl", "is not a URL"];
  if (listen !== undefined && !config.mqtt.tls && !config.mqtt.insecure && !isLoopback(listen.host)) {
    yield [
      "mqtt.listen.host",
      `${listen.host} is not a loopback address, and without TLS anybody can speak as any node: set mqtt.tls, or mqtt.insecure if you must`,
    ];
  }
  const netbox = config.netbox?.url;
  if (netbox !== undefined && !URL.canParse(netbox)) yield ["netbox.url", "is not a URL"];
  else if (
    netbox?.startsWith("http:") === true &&
    !isLoopback(new URL(netbox).hostname.replace(/^\[|\]$/g, ""))
  )
    yield ["netbox.url", "is http: beyond loopback, where the token would travel in clear: https: is wanted"];
  if (config.portal !== undefined) yield* checkPortal(config.portal);
  if (config.http !== undefined && !isLoopback(config.http.host)) {
    yield [
      "http.host",
      `${config.http.host} is not a loopback address, and tokens would travel in clear: use \`https\`, ::1 or 127.0.0.1`,
    ];
  }
}

function* checkPortal({
  listen,
  origin,
  tls,
  oidc,
}: NonNullable<ControllerConfig["portal"]>): Generator<[string, string]> {
  if (!URL.canParse(origin) || !origin.startsWith("https://") || new URL(origin).origin !== origin)
    yield [
      "portal.origin",
      "is no origin: https://HOST or https://HOST:PORT in lower case, without a path, is wanted",
    ];
  if (oidc !== undefined && !isProviderUrl(oidc.issuer))
    yield ["portal.oidc.issuer", "is no URL with https: (http: is for a provider on this very machine)"];
  if (tls === "off" && !isLoopback(listen.host))
    yield [
      "portal.listen.host",
      `${listen.host} is not a loopback address, and without TLS passwords would travel in clear: set portal.tls`,
    ];
}

function isProviderUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname.replace(/^\[|\]$/g, "")));
}

function explain(message: string): string {
  return message === "Unexpected property" ? "is not a field of this file" : message.toLowerCase();
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === "localhost";
  return LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
}
