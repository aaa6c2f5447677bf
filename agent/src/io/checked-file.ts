import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Static, TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";

/** What a file held, and what was wrong with it or the one before it, if anything was. */
export interface CheckedRead<T> {
  readonly value: T | undefined;
  readonly fault: string | undefined;
}

/** Writes all of it or nothing: new file, fsync, rename, fsync of the folder. Throws what the disk says. */
export function writeWhole(file: string, bytes: Uint8Array): void {
  const fresh = `${file}.new`;
  const handle = openSync(fresh, "w", 0o600);
  try {
    writeFileSync(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, file);
  const folder = openSync(dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * A small value on disk, with the SHA-256 of its text beside it, so that a half-written or damaged file is told from a
 * good one; the one before is kept as `FILE.previous`.
 */
export class CheckedFile<S extends TSchema> {
  readonly #file: string;
  readonly #schema: S;

  constructor(file: string, schema: S) {
    this.#file = file;
    this.#schema = schema;
  }

  /** Never throws: what cannot be used is a fault, and the one before is tried. */
  read(): CheckedRead<Static<S>> {
    let fault: string | undefined;
    for (const file of [this.#file, `${this.#file}.previous`]) {
      if (!existsSync(file)) continue;
      const value = this.#readOne(file);
      if (typeof value !== "string") return { value: value.value, fault };
      fault ??= `${file}: ${value}`;
    }
    return { value: undefined, fault };
  }

  /** Throws what the disk says; then the file is as it was. */
  write(value: Static<S>): void {
    const body = JSON.stringify(value);
    if (existsSync(this.#file)) copyFileSync(this.#file, `${this.#file}.previous`);
    writeWhole(this.#file, Buffer.from(JSON.stringify({ sha256: digestOf(body), body })));
  }

  #readOne(file: string): { readonly value: Static<S> } | string {
    try {
      const outer: unknown = JSON.parse(readFileSync(file, "utf8"));
      const { sha256, body } = outer as { readonly sha256?: unknown; readonly body?: unknown };
      if (typeof body !== "string" || digestOf(body) !== sha256) return "damaged: its checksum does not fit";
      const value: unknown = JSON.parse(body);
      return Value.Check(this.#schema, value) ? { value } : "holds something else";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
