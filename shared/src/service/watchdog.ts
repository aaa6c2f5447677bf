/** What a service manager puts into the environment of a service (sd_notify(3), sd_watchdog_enabled(3)). */
export interface ServiceEnvironment {
  /** Where it listens: a path, or "@" and a name of the abstract namespace. */
  readonly socket?: string | undefined;
  /** WATCHDOG_USEC: how long it waits for a word, microseconds. */
  readonly watchdogUs?: string | undefined;
  /** WATCHDOG_PID: whose word; everybody's unless told. */
  readonly watchdogPid?: string | undefined;
}

/** Takes it out of an environment: programs that a service starts must not speak for it. */
export function takeServiceEnvironment(environment: Record<string, string | undefined>): ServiceEnvironment {
  const take = (name: string): string | undefined => {
    const value = environment[name];
    delete environment[name];
    return value;
  };
  return {
    socket: take("NOTIFY_SOCKET"),
    watchdogUs: take("WATCHDOG_USEC"),
    watchdogPid: take("WATCHDOG_PID"),
  };
}

/** How often a process says that it lives, milliseconds: twice in the time that the manager waits. undefined: it is not asked to. */
export function watchdogEveryMs(
  { socket, watchdogUs, watchdogPid }: ServiceEnvironment,
  pid: number,
): number | undefined {
  if (socket === undefined || !/^[1-9][0-9]{0,15}$/.test(watchdogUs ?? "")) return undefined;
  if (watchdogPid !== undefined && watchdogPid !== String(pid)) return undefined;
  return Math.min(2 ** 31 - 1, Math.max(1, Math.floor(Number(watchdogUs) / 2000)));
}
