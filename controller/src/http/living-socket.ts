import { mkdir, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { dirname } from "node:path";
import { ControllerError } from "../errors.ts";

/** Throws ControllerError `config` when a controller answers at this socket. */
export async function refuseLiving(path: string): Promise<void> {
  const alive = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", () => resolve(false));
  });
  if (alive) throw new ControllerError("config", `socket: ${path}: another controller listens there`);
}

/** Removes what a killed controller left; refuses to take the place of a living one (ControllerError `config`). */
export async function clearStaleSocket(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await refuseLiving(path);
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
