import { readFileSync } from "node:fs";

/** Who a program is or becomes. */
export interface ProgramUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** passwd(5); undefined where there is no such user. */
export function userOf(name: string): ProgramUser | undefined {
  try {
    const line = readFileSync("/etc/passwd", "utf8")
      .split("\n")
      .find((one) => one.startsWith(`${name}:`));
    const [, , uid, gid] = line?.split(":") ?? [];
    return uid === undefined || gid === undefined ? undefined : { name, uid: Number(uid), gid: Number(gid) };
  } catch {
    return undefined;
  }
}
