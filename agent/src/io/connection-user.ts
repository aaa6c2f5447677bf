import { readFile, stat } from "node:fs/promises";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { tcpSocketUser } from "../wire/proc-tcp6.ts";

/** Connections of this network namespace. The kernel makes the text in several reads, and may miss one meanwhile. */
const TABLE = "/proc/net/tcp6";
const LOOKS = 3;
const LOOK_AGAIN_MS = 20;

/** The user whose process holds the other end of a connection from this machine; undefined when none does any more. */
export async function connectionUser(socket: Socket): Promise<number | undefined> {
  const { remoteAddress, remotePort, localAddress, localPort } = socket;
  if (remoteAddress === undefined || localAddress === undefined) return undefined;
  const theirs = { address: remoteAddress, port: remotePort ?? 0 };
  const ours = { address: localAddress, port: localPort ?? 0 };
  for (let look = 1; ; look++) {
    const user = tcpSocketUser(await readFile(TABLE, "latin1"), theirs, ours);
    if (user !== undefined || look === LOOKS) return user;
    await sleep(LOOK_AGAIN_MS);
  }
}

/**
 * Whether a user may be the engine whose API is the unix socket at `path`: the one who made that socket, and whom we
 * therefore obey in all else already; root; and whoever we are ourselves.
 */
export async function mayBeEngine(user: number, path: string): Promise<boolean> {
  if (user === 0 || user === process.getuid?.()) return true;
  return (await stat(path).catch(() => undefined))?.uid === user;
}
