import { randomInt, randomUUID } from "node:crypto";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { Waiting } from "@vsix/shared/notify/notifier.ts";
import { readReceivers } from "@vsix/shared/notify/receivers-file.ts";
import { readWaiting } from "@vsix/shared/notify/waiting.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { ControllerConfig } from "../config.ts";
import { ControllerError } from "../errors.ts";
import type { StoreReader } from "../store/reader.ts";
import type { Store } from "../store/store.ts";
import { EpeTeller } from "./epe-teller.ts";
import { Notices } from "./notices.ts";
import { PathWatcher } from "./path-watcher.ts";
import { RolloutTeller } from "./rollout-teller.ts";

export interface Watch {
  readonly paths: PathWatcher;
  readonly notices: Notices;
  readonly rollouts: RolloutTeller;
  readonly epe: EpeTeller;
}

/** The path watch and its way to people, going on from what the database remembers. Throws ControllerError `config`. */
export async function startWatch(
  config: Pick<ControllerConfig, "notify" | "tls">,
  store: Store,
  clock: Clock,
  log: Logger,
): Promise<Watch> {
  const read = config.notify === undefined ? NOBODY : readReceivers(config.notify);
  if (!read.ok) throw new ControllerError("config", read.faults.map(formatFault).join("\n"));
  const notices = new Notices({
    receivers: read.receivers,
    from: config.tls.names[0] ?? "vsix-controller",
    fetch: (url, init) => fetch(url, init),
    newId: randomUUID,
    random: () => randomInt(2 ** 32) / 2 ** 32,
    clock,
    log,
    onWaiting: () => paths.waitingChanged(),
  });
  const rollouts = await RolloutTeller.open({
    store,
    log,
    tell: (event, id) => notices.tellRollout(event, id),
    onTold: () => paths.waitingChanged(),
  });
  const epe = await EpeTeller.open({
    store,
    log,
    clock,
    tell: (event, id) => notices.tellEpe(event, id),
    onTold: () => paths.waitingChanged(),
  });
  const paths: PathWatcher = await PathWatcher.open({
    store,
    clock,
    log,
    least: "warning",
    tell: (event) => notices.tell(event),
    waiting: () => ({ waiting: notices.waiting(), rollouts: rollouts.told, epe: epe.told }),
  });
  await notices.open(await waitingIn(store.read));
  return { paths, notices, rollouts, epe };
}

const NOBODY = { ok: true, receivers: [] } as const;

/** What had not arrived when the controller ended. */
async function waitingIn(read: StoreReader): Promise<Waiting> {
  try {
    return readWaiting(JSON.parse((await read.watchMemory("waiting")) ?? "{}"));
  } catch {
    return {};
  }
}
