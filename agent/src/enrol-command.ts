import { X509Certificate } from "node:crypto";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { type AgentConfig, ConfigError, readToken } from "./config.ts";
import { enrolNode } from "./enrol.ts";
import { enrolService } from "./io/enrol-client.ts";
import { openIdentityStore } from "./io/identity-store.ts";

/** `vsix-agent enrol`. Throws ConfigError where something is missing to it. */
export async function enrolCommand(
  config: AgentConfig,
  tokenFile: string | undefined,
  out: (text: string) => void,
): Promise<number> {
  if (tokenFile === undefined)
    throw new ConfigError("enrol wants --token-file FILE, or - for standard input");
  const { identity: directory } = config.controller;
  if (directory === undefined)
    throw new ConfigError("/controller/identity: say in which directory the identity shall be kept");
  const { identity, already, unconfirmed } = await enrolNode({
    node: config.node,
    claim: decodeClaim(readToken(tokenFile)),
    store: openIdentityStore(directory),
    service: enrolService,
    now: Date.now,
  });
  const until = new X509Certificate(identity.certificate).validToDate.toISOString();
  out(
    `${identity.node} ${already ? "had enrolled" : "enrolled"} at ${identity.enrolUrl}; certificate until ${until}\n`,
  );
  if (unconfirmed !== undefined) out(`the controller has not seen it in use yet: ${unconfirmed}\n`);
  return 0;
}
