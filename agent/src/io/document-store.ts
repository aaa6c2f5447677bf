import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/**
 * The document on disk: `document.json`, and `document.previous.json` before it. A write is complete or did not happen
 * (new file, fsync, rename, fsync of the folder).
 */
export interface DocumentStore {
  /** Newest first; files that are not there or cannot be read are left out. Their content is yet to be verified. */
  candidates(): readonly { readonly file: string; readonly bytes: Uint8Array }[];
  save(bytes: Uint8Array): void;
}

/** @param bundle first document, looked at last */
export function openDocumentStore(directory: string, bundle?: string): DocumentStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const current = join(directory, "document.json");
  const previous = join(directory, "document.previous.json");
  return {
    candidates: () =>
      [current, previous, ...(bundle === undefined ? [] : [bundle])]
        .filter((file) => existsSync(file))
        .flatMap((file) => {
          try {
            return [{ file, bytes: readFileSync(file) }];
          } catch {
            return []; // a bad sector: the one before it may do
          }
        }),
    save(bytes) {
      if (existsSync(current)) copyFileSync(current, previous);
      const fresh = join(directory, "document.new");
      const file = openSync(fresh, "w", 0o600);
      try {
        writeFileSync(file, bytes);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(fresh, current);
      const folder = openSync(directory, "r");
      try {
        fsyncSync(folder);
      } finally {
        closeSync(folder);
      }
    },
  };
}
