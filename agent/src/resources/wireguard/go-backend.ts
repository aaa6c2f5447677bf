import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Link } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { ERRNO, NetlinkError } from "../../io/netlink-error.ts";
import { RTM } from "../../wire/netlink/constants.ts";
import { canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";
import { encodeLink } from "../../wire/netlink/link.ts";
import type { DeviceSettings, DeviceState, PeerChange } from "../../wire/wireguard/device.ts";
import { deviceRequest, errnoOf, parseDevice, peersRequest, UapiError } from "../../wire/wireguard/uapi.ts";
import type { WireguardBackend } from "./backend.ts";
import { askUapi } from "./uapi-socket.ts";

/** Where wireguard-go puts its sockets, whatever network namespace it is in. */
const SOCKETS = "/var/run/wireguard";
const PROGRAM = "wireguard-go";
const START_MS = 10_000;
/** Changes of one request. */
const CHUNK = 500;
const EIO = 5;

/**
 * WireGuard of the program wireguard-go, for kernels that have none. The program outlives the agent, so that an agent that
 * restarts loses no packet. That a device is ours is said by a marker file beside its socket, written before the
 * device is made and gone after it: both are in a folder that does not outlive the machine.
 */
export class GoWireguard implements WireguardBackend {
  readonly name = "wireguard-go";
  readonly #route: NetlinkSocket;

  constructor(route: NetlinkSocket) {
    this.#route = route;
  }

  owns({ name, kind }: Pick<Link, "name" | "kind">): boolean {
    return kind === "tun" && existsSync(markerOf(name));
  }

  async create(name: string, signal: AbortSignal): Promise<void> {
    await mkdir(SOCKETS, { recursive: true, mode: 0o700 });
    await writeFile(markerOf(name), "");
    try {
      await start(name, signal);
    } catch (error) {
      await rm(markerOf(name), { force: true });
      throw error;
    }
  }

  /** With its device the program ends, and takes its socket away. */
  async remove({ name, index }: Link, signal: AbortSignal): Promise<void> {
    try {
      await this.#route.request(
        (writer, flags, sequence) =>
          encodeLink(writer, RTM.DELLINK, flags, sequence, { family: 0, index, flags: 0, change: 0 }),
        signal,
      );
    } finally {
      await rm(markerOf(name), { force: true });
    }
  }

  async read(name: string, signal: AbortSignal): Promise<DeviceState> {
    return readable(async () => parseDevice(await askUapi(socketOf(name), "get=1\n", signal)));
  }

  async write(name: string, settings: DeviceSettings, signal: AbortSignal): Promise<void> {
    await tell(name, deviceRequest(settings), signal);
  }

  async change(name: string, changes: readonly PeerChange[], signal: AbortSignal) {
    const failures = new Map<number, NetlinkError>();
    const sound = changes.flatMap((change, index) => {
      const fault = faultOf(change);
      if (fault === undefined) return [{ change, index }];
      failures.set(index, new NetlinkError(ERRNO.EINVAL, fault));
      return [];
    });
    for (let at = 0; at < sound.length; at += CHUNK) {
      const some = sound.slice(at, at + CHUNK);
      const all = await told(
        name,
        some.map(({ change }) => change),
        signal,
      );
      if (all === undefined) continue;
      // It stops at the first line that it refuses: each by itself.
      for (const { change, index } of some) {
        const failure = await told(name, [change], signal);
        if (failure !== undefined) failures.set(index, failure);
      }
    }
    return failures;
  }
}

const socketOf = (name: string): string => join(SOCKETS, `${name}.sock`);
const markerOf = (name: string): string => join(SOCKETS, `${name}.vsix`);

/** A prefix that is none would end the request in the middle of a peer. */
function faultOf(change: PeerChange): string | undefined {
  if (change.op === "remove") return undefined;
  const bad = change.peer.allowedIps.find((prefix) => canonicalPrefix6(prefix) === undefined);
  return bad === undefined ? undefined : `not an IPv6 prefix: ${JSON.stringify(bad.slice(0, 64))}`;
}

async function told(
  name: string,
  changes: readonly PeerChange[],
  signal: AbortSignal,
): Promise<NetlinkError | undefined> {
  try {
    await tell(name, peersRequest(changes), signal);
    return undefined;
  } catch (error) {
    if (error instanceof NetlinkError && error.errno !== ERRNO.ENODEV) return error;
    throw error;
  }
}

async function tell(name: string, request: string, signal: AbortSignal): Promise<void> {
  const errno = await readable(async () => errnoOf(await askUapi(socketOf(name), request, signal)));
  if (errno !== 0) throw new NetlinkError(errno, "wireguard-go refused it");
}

async function readable<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof UapiError) throw new NetlinkError(EIO, `wireguard-go: ${error.message}`);
    throw error;
  }
}

/** Returns once the device and the socket are there: the program then goes into the background by itself. */
function start(name: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  execFile(PROGRAM, [name], { timeout: START_MS, encoding: "utf8" }, (error, _out, text) => {
    if (error === null) resolve();
    else if (error.code === "ENOENT")
      reject(new NetlinkError(ERRNO.EOPNOTSUPP, `${PROGRAM} is not installed (Debian package ${PROGRAM})`));
    else {
      const lines = text.split("\n").filter((line) => line.startsWith("ERROR"));
      reject(new NetlinkError(EIO, `${PROGRAM}: ${(lines.at(-1) ?? "did not start").slice(0, 200)}`));
    }
  });
  return promise;
}
