import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Writes tar archives (POSIX.1-2001 pax interchange format): what OCI layers are. Owner root unless said, one time for all. */

interface EntryBase {
  /** Without a slash at its beginning. */
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Extended attributes, as SCHILY.xattr records: file capabilities are one. */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>;
}

export type TarEntry =
  | (EntryBase & { readonly kind: "directory" })
  | (EntryBase & { readonly kind: "link"; readonly target: string })
  | (EntryBase & { readonly kind: "file"; readonly content: Uint8Array })
  /** Read from the disk when its turn comes. */
  | (EntryBase & { readonly kind: "disk"; readonly source: string });

const BLOCK = 512;
const CHUNK = 1024 * 1024;
const TYPES = { directory: "5", link: "2", file: "0", disk: "0" } as const;

/** The archive, piece by piece. Throws the system's error for a file that cannot be read, RangeError for one that is too large. */
export function* tar(entries: Iterable<TarEntry>, mtimeS: number): Generator<Uint8Array> {
  for (const entry of entries) {
    if (entry.kind !== "disk") {
      const content = entry.kind === "file" ? entry.content : new Uint8Array();
      yield* header(entry, content.length, mtimeS);
      yield content;
      yield padding(content.length);
      continue;
    }
    const handle = openSync(entry.source, "r");
    try {
      const { size } = fstatSync(handle);
      yield* header(entry, size, mtimeS);
      let done = 0;
      while (done < size) {
        const piece = Buffer.alloc(Math.min(CHUNK, size - done));
        const got = readSync(handle, piece, 0, piece.length, done);
        if (got === 0) throw new RangeError(`${entry.source} became shorter while it was read`);
        yield piece.subarray(0, got);
        done += got;
      }
      yield padding(size);
    } finally {
      closeSync(handle);
    }
  }
  yield new Uint8Array(2 * BLOCK);
}

function* header(entry: TarEntry, size: number, mtimeS: number): Generator<Uint8Array> {
  const path = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const target = entry.kind === "link" ? entry.target : "";
  const records: Uint8Array[] = [];
  if (Buffer.byteLength(path) > 100) records.push(record("path", Buffer.from(path)));
  if (Buffer.byteLength(target) > 100) records.push(record("linkpath", Buffer.from(target)));
  for (const [name, value] of Object.entries(entry.xattrs ?? {}))
    records.push(record(`SCHILY.xattr.${name}`, value));
  if (records.length > 0) {
    const content = Buffer.concat(records);
    yield block({
      path: "pax",
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: content.length,
      mtimeS,
      type: "x",
      target: "",
    });
    yield content;
    yield padding(content.length);
  }
  const { mode, uid = 0, gid = 0, kind } = entry;
  yield block({ path, mode, uid, gid, size, mtimeS, type: TYPES[kind], target });
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself (POSIX.1-2017, pax, "Extended Header"). */
function record(key: string, value: Uint8Array): Uint8Array {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

interface Fields {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeS: number;
  readonly type: string;
  readonly target: string;
}

/** ustar (POSIX.1-2017, pax, "ustar Interchange Format"). */
function block(fields: Fields): Uint8Array {
  const bytes = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, digits: number): void => {
    const text = value.toString(8).padStart(digits, "0");
    if (text.length > digits) throw new RangeError(`${fields.path}: ${value} does not fit into a tar header`);
    bytes.write(text, at, "latin1");
  };
  Buffer.from(fields.path).copy(bytes, 0, 0, 100);
  octal(fields.mode, 100, 7);
  octal(fields.uid, 108, 7);
  octal(fields.gid, 116, 7);
  octal(fields.size, 124, 11);
  octal(fields.mtimeS, 136, 11);
  bytes.fill(" ", 148, 156);
  bytes.write(fields.type, 156, "latin1");
  Buffer.from(fields.target).copy(bytes, 157, 0, 100);
  bytes.write("ustar\u000000", 257, "latin1");
  octal(
    bytes.reduce((sum, byte) => sum + byte, 0),
    148,
    6,
  );
  bytes[154] = 0;
  return bytes;
}

function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}
