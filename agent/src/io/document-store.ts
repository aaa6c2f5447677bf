import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "./checked-file.ts";

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
      writeWhole(current, bytes);
    },
  };
}
