/** The first descriptor that systemd passes (sd_listen_fds(3)). */
const FIRST = 3;

/** The one listening socket that a service manager has passed to this process; undefined: none. Takes what says so out of the environment. */
export function takePassedSocket(
  environment: Record<string, string | undefined>,
  pid: number,
): number | undefined {
  const { LISTEN_FDS: count, LISTEN_PID: whose } = environment;
  for (const name of ["LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]) delete environment[name];
  return whose === String(pid) && count === "1" ? FIRST : undefined;
}
