import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** What a file holds and who may read it (permission bits), or why it is not read. */
export type TextRead = { readonly text: string; readonly mode: number } | { readonly fault: string };

/** No file that a person writes is longer; readYaml() takes no more. */
export const MAX_TEXT_OCTETS = 1024 * 1024;

/** Reads a regular file of at most {@link MAX_TEXT_OCTETS}: never a device or a pipe, which may have no end. Never throws. */
export function readTextFile(path: string): TextRead {
  let handle: number | undefined;
  try {
    // Opening a pipe would wait for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(handle);
    if (!status.isFile()) return { fault: "is no regular file" };
    const octets = Buffer.alloc(MAX_TEXT_OCTETS + 1);
    let length = 0;
    for (let got = -1; got !== 0 && length < octets.length; length += got)
      got = readSync(handle, octets, length, octets.length - length, null);
    if (length > MAX_TEXT_OCTETS) return { fault: `has more than ${MAX_TEXT_OCTETS} octets` };
    return { text: octets.toString("utf8", 0, length), mode: status.mode & 0o777 };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { fault: `cannot be read (${code})` };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
