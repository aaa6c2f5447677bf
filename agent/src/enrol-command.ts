import { X509Certificate } from "node:crypto";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { type AgentConfig, ConfigError, readToken } from "./config.ts";
import { enrolNode } from "./enrol.ts";
import { enrolService } from "./io/enrol-client.ts";
import { openIdentityStore } from "./io/identity-store.ts";
import { isResetPending, RESET_DONE } from "./io/reset-marker.ts";

/** `vsix-agent enrol`; as root it becomes who `stateDir` belongs to, so that the agent can read what it writes. Throws ConfigError where something is missing to it. */
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
  if (isResetPending(config.stateDir))
    throw new ConfigError(
      `a reset of ${config.node} is not finished: run vsix-agent reset, or it would take the new key too`,
    );
  const claim = decodeClaim(readToken(tokenFile));
  becomeOwnerOf(config.stateDir);
  const { identity, already, unconfirmed } = await enrolNode({
    node: config.node,
    claim,
    store: openIdentityStore(directory),
    service: enrolService,
    now: Date.now,
  });
  const until = new X509Certificate(identity.certificate).validToDate.toISOString();
  rmSync(join(config.stateDir, RESET_DONE), { force: true });
  out(
    `${identity.node} ${already ? "had enrolled" : "enrolled"} at ${identity.enrolUrl}; certificate until ${until}\n`,
  );
  if (unconfirmed !== undefined) out(`the controller has not seen it in use yet: ${unconfirmed}\n`);
  return 0;
}

function becomeOwnerOf(directory: string): void {
  const owner = statSync(directory, { throwIfNoEntry: false });
  if (process.getuid?.() !== 0 || owner === undefined || owner.uid === 0) return;
  process.setgroups?.([]);
  process.setgid?.(owner.gid);
  process.setuid?.(owner.uid);
}
