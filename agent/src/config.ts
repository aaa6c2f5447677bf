import type { KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { BlockList, isIP } from "node:net";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { importPublicKey } from "@vsix/shared/crypto/ed25519.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

const UNSPECIFIED = new BlockList();
UNSPECIFIED.addAddress("0.0.0.0", "ipv4");
UNSPECIFIED.addAddress("::", "ipv6");

/** Where programs that the agent runs have their files unless told. */
export const RUN_DIR = "/run/vsix-agent";

/** The agent's own configuration: where things are on this machine. What the node should be comes signed. */
const AgentConfigSchema = Type.Object(
  {
    node: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }),
    /** Kept across restarts: the held document. Created with mode 0700. */
    stateDir: Type.String({ minLength: 1 }),
    controller: Type.Object(
      {
        /** Directory that `vsix-agent enrol` writes this node's key and certificate to; what else it was told stands there too. */
        identity: Type.Optional(Type.String({ minLength: 1 })),
        /** mqtt://[ADDRESS]:PORT or mqtts://HOST:PORT; with an identity only where it is not what the controller said. */
        url: Type.Optional(Type.String({ pattern: "^mqtts?://" })),
        /** PEM files (SPKI, Ed25519) of the keys whose manifests are obeyed, beside those that the identity brought. */
        publicKeyFiles: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
      },
      { additionalProperties: false },
    ),
    gobgp: Type.Object(
      {
        /** Unix socket of gobgpd's gRPC API. */
        socket: Type.String({ minLength: 1 }),
      },
      { additionalProperties: false },
    ),
    /** Metrics on this address too, without authentication: a loopback or management address. */
    metrics: Type.Optional(
      Type.Object(
        { host: Type.String({ minLength: 1 }), port: Type.Integer({ minimum: 1, maximum: 65535 }) },
        { additionalProperties: false },
      ),
    ),
    /** Files of the programs that part `services` asks for; on a memory file system. Default: /run/vsix-agent. */
    runDir: Type.Optional(Type.String({ pattern: "^/" })),
    /** First document, as cloud-init brings it; used when stateDir holds none. */
    bundle: Type.Optional(Type.String()),
    /** Of a home router: the devices that its hosts are behind. */
    lan: Type.Optional(
      Type.Array(Type.String({ pattern: "^[^\\s/:]{1,15}$" }), {
        minItems: 1,
        maxItems: 4,
        uniqueItems: true,
      }),
    ),
    logLevel: Type.Optional(
      Type.Union([Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")]),
    ),
  },
  { additionalProperties: false },
);
export type AgentConfig = Static<typeof AgentConfigSchema>;

export class ConfigError extends VsixError<"config"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("config", message, options);
    this.name = "ConfigError";
  }
}

/** Reads and checks a JSON configuration file. Throws {@link ConfigError}, which names file and field. */
export function readAgentConfig(file: string): AgentConfig {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ConfigError(`${file}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  if (Value.Check(AgentConfigSchema, value)) {
    const { url, identity, publicKeyFiles } = value.controller;
    if (url !== undefined && !URL.canParse(url))
      throw new ConfigError(`${file}: /controller/url: not a URL: ${url}`);
    if (identity === undefined && (url === undefined || publicKeyFiles === undefined))
      throw new ConfigError(`${file}: /controller: wants identity, or url and publicKeyFiles`);
    if (identity === undefined && url?.startsWith("mqtts:") === true)
      throw new ConfigError(`${file}: /controller/url: mqtts wants an identity: see vsix-agent enrol`);
    const host = value.metrics?.host;
    if (
      host !== undefined &&
      (isIP(host) === 0 || UNSPECIFIED.check(host, isIP(host) === 4 ? "ipv4" : "ipv6"))
    )
      throw new ConfigError(`${file}: /metrics/host: one address of this machine is wanted, not ${host}`);
    return value;
  }
  const faults = [...Value.Errors(AgentConfigSchema, value)].map(
    ({ path, message }) => `${path}: ${message}`,
  );
  throw new ConfigError(`${file}: ${faults.join("; ")}`);
}

/** The keys whose manifests are obeyed. Throws {@link ConfigError}, which names the field and the key's file. */
export function readPublicKeys(config: AgentConfig): readonly KeyObject[] {
  return (config.controller.publicKeyFiles ?? []).map((file, i) => {
    try {
      return importPublicKey(readFileSync(file, "utf8"));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(`/controller/publicKeyFiles/${i}: ${file}: ${reason}`, { cause });
    }
  });
}

/** A claim token from a file that nobody else may read, or from standard input (`-`). Throws {@link ConfigError}. */
export function readToken(file: string): string {
  try {
    if (file === "-") return readFileSync(0, "utf8");
    const { mode } = statSync(file);
    if ((mode & 0o077) !== 0)
      throw new Error(`mode is ${(mode & 0o777).toString(8)}, others may read the token; 600 is wanted`);
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${file}: ${reason}`, { cause });
  }
}

/** Makes the state directory and shows that it can be written to. Throws {@link ConfigError}. */
export function makeStateDirectory({ stateDir }: AgentConfig): void {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    rmSync(mkdtempSync(join(stateDir, "writable-")), { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`/stateDir: ${stateDir} cannot be written to: ${reason}`, { cause });
  }
}
