import { execFile } from "node:child_process";
import { type ServiceEnvironment, watchdogEveryMs } from "@vsix/shared/service/watchdog.ts";
import type { Logger } from "pino";

const TOOL = "systemd-notify";
const TIMEOUT_MS = 5_000;

/**
 * Tells the service manager how this process is (sd_notify(3)), by systemd-notify(1), for Node has no unix datagrams: a few
 * milliseconds twice in a WatchdogSec. The unit wants NotifyAccess=all. Without a manager it says nothing.
 */
export class ServiceManager implements Disposable {
  readonly #environment: ServiceEnvironment;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;

  constructor(environment: ServiceEnvironment, log: Logger) {
    this.#environment = environment;
    this.#log = log;
  }

  /** It serves. From now on says that it lives, as often as the manager asks; a loop that stands still says nothing. */
  ready(): void {
    this.#tell("--ready");
    const everyMs = watchdogEveryMs(this.#environment, process.pid);
    if (everyMs !== undefined) this.#timer = setInterval(() => this.#tell("WATCHDOG=1"), everyMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(state: string): void {
    const { socket } = this.#environment;
    if (socket === undefined) return;
    const env = { PATH: "/usr/bin:/bin", NOTIFY_SOCKET: socket };
    execFile(TOOL, [state], { env, timeout: TIMEOUT_MS }, (error) => {
      if (error !== null) this.#log.warn({ reason: error.message }, "the service manager was not told");
    });
  }
}
