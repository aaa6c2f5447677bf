import { readSecretFile } from "@vsix/shared/notify/secret-file.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { ControllerConfig } from "../config.ts";
import { ControllerError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { NetboxClient } from "./client.ts";
import { NetboxSync } from "./sync.ts";

const TIMEOUT_MS = 30_000;

/** What the configuration says of a NetBox. */
export interface NetboxService {
  readonly sync: NetboxSync;
  readonly everyMs: number;
  /** Read anew at each use, so that it can be changed; undefined: webhooks are not taken. Throws ControllerError `config`. */
  readonly webhookSecret: (() => string) | undefined;
}

/** Undefined where there is none. Throws ControllerError `config` for files that cannot be used now. */
export function makeNetbox(
  { netbox }: ControllerConfig,
  store: Store,
  clock: Clock,
  log: Logger,
): NetboxService | undefined {
  if (netbox === undefined) return undefined;
  const { url, tokenFile, webhookSecretFile, everyS } = netbox;
  const token = (): string => readSecret(tokenFile);
  token();
  const webhookSecret = webhookSecretFile === undefined ? undefined : () => readSecret(webhookSecretFile);
  webhookSecret?.();
  const client = new NetboxClient({ url, token, fetch, timeoutMs: TIMEOUT_MS });
  return { sync: new NetboxSync(client, store, clock, log), everyMs: everyS * 1000, webhookSecret };
}

function readSecret(file: string): string {
  const read = readSecretFile(file);
  if ("secret" in read) return read.secret;
  throw new ControllerError("config", `netbox: ${read.fault}`);
}
