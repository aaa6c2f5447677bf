import { createHash } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { writeWhole } from "./checked-file.ts";

/** What a reset takes beside state and identity. */
const ResetMarker = Type.Object({
  version: Type.Literal(1),
  also: Type.Array(
    Type.Object({
      path: Type.String(),
      /** SHA-256, hexadecimal, of a file when the reset was decided: one that has been written since is not of the time before. Null: a folder. */
      digest: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
});
export type ResetMarker = Static<typeof ResetMarker>;

export class ResetError extends VsixError<"reset-unfinished" | "reset-trigger"> {}

/** Within the state directory: a reset has been decided, and is not finished before this is gone. */
export const RESET_MARKER = "reset";
/** There: the last reset is finished, and nobody has enrolled since. */
export const RESET_DONE = "reset-done";

export const isResetPending = (stateDir: string): boolean => existsSync(join(stateDir, RESET_MARKER));

/** From here on a reset is finished by whoever comes next. Throws what the disk says; then there is no marker. */
export function decideReset(stateDir: string, also: readonly string[]): void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const marker: ResetMarker = {
    version: 1,
    also: also.filter(existsSync).map((path) => ({ path, digest: digestOf(path) })),
  };
  writeWhole(join(stateDir, RESET_MARKER), Buffer.from(JSON.stringify(marker)));
  giveToOwner(stateDir, RESET_MARKER);
}

/** Whatever is in the file, a reset has been decided; what cannot be understood names nothing else to take. */
export function readMarker(stateDir: string): ResetMarker {
  try {
    const value: unknown = JSON.parse(readFileSync(join(stateDir, RESET_MARKER), "utf8"));
    if (Value.Check(ResetMarker, value)) return value;
  } catch {
    // As below.
  }
  return { version: 1, also: [] };
}

/** Of a file; null of anything else. */
export function digestOf(path: string): string | null {
  if (!statSync(path).isFile()) return null;
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/** Takes files away for good. Throws what the disk says. */
export function removeForGood(files: readonly string[]): void {
  for (const file of files) rmSync(file, { recursive: true, force: true });
  for (const folder of new Set(files.map((file) => dirname(file)))) syncFolder(folder);
}

/** What is kept says that the reset is over, and then nothing says any more that it is not. */
export function endReset(stateDir: string): void {
  writeWhole(join(stateDir, RESET_DONE), Buffer.from("{}\n"));
  giveToOwner(stateDir, RESET_DONE);
  removeForGood([join(stateDir, RESET_MARKER)]);
}

export function syncFolder(folder: string): void {
  if (!existsSync(folder)) return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Ends this process in order, if a reset has been decided: only who may write the state can have done so. Throws ResetError. */
export function endForReset(stateDir: string): { readonly pid: number } {
  if (!isResetPending(stateDir)) throw new ResetError("reset-unfinished", "no reset has been decided here");
  setImmediate(() => process.kill(process.pid, "SIGTERM"));
  return { pid: process.pid };
}

/** Whether a process still does something; one that nobody has buried does not (proc(5), `stat`). */
export function isAlive(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(text.slice(text.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Root may have written what the agent's user is to read. */
function giveToOwner(stateDir: string, name: string): void {
  const { uid, gid } = statSync(stateDir);
  if (process.getuid?.() === 0 && uid !== 0) chownSync(join(stateDir, name), uid, gid);
}
