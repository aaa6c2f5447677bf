import type { KeyObject } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { importPublicKey } from "@vsix/shared/crypto/ed25519.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";

/** The agent's own configuration: where things are on this machine. What the node should be comes signed. */
const AgentConfigSchema = Type.Object(
  {
    node: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }),
    /** Kept across restarts: the held document. Created with mode 0700. */
    stateDir: Type.String({ minLength: 1 }),
    controller: Type.Object(
      {
        /** mqtt://[ADDRESS]:PORT */
        url: Type.String({ pattern: "^mqtts?://" }),
        /** PEM files (SPKI, Ed25519) of the keys whose manifests are obeyed. */
        publicKeyFiles: Type.Array(Type.String(), { minItems: 1 }),
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
    /** First document, as cloud-init brings it; used when stateDir holds none. */
    bundle: Type.Optional(Type.String()),
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
    if (!URL.canParse(value.controller.url))
      throw new ConfigError(`${file}: /controller/url: not a URL: ${value.controller.url}`);
    return value;
  }
  const faults = [...Value.Errors(AgentConfigSchema, value)].map(
    ({ path, message }) => `${path}: ${message}`,
  );
  throw new ConfigError(`${file}: ${faults.join("; ")}`);
}

/** The keys whose manifests are obeyed. Throws {@link ConfigError}, which names the field and the key's file. */
export function readPublicKeys(config: AgentConfig): readonly KeyObject[] {
  return config.controller.publicKeyFiles.map((file, i) => {
    try {
      return importPublicKey(readFileSync(file, "utf8"));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ConfigError(`/controller/publicKeyFiles/${i}: ${file}: ${reason}`, { cause });
    }
  });
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
