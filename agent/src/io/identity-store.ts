import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { IdentityAnswer } from "@vsix/shared/contract/enrol.ts";

/** Who this node is: key, certificate and whom it believes. One file, so that they never disagree. */
export const NodeIdentity = Type.Composite([
  IdentityAnswer,
  Type.Object({
    version: Type.Literal(1),
    /** PKCS #8 PEM; secret, never leaves this machine. */
    key: Type.String(),
    /** SHA-256 of the claim's secret that it came by, hex. */
    claim: Type.String(),
    /** Wall clock when it was written, milliseconds. */
    savedMs: Type.Number(),
  }),
]);
export type NodeIdentity = Static<typeof NodeIdentity>;

/** A key made for a claim, kept until the claim has become a certificate. */
export const PendingKey = Type.Object({ claim: Type.String(), key: Type.String() });
export type PendingKey = Static<typeof PendingKey>;

/** The identity on disk: `identity.json` and, while enrolling, `pending.json`; both mode 0600 in a directory of 0700. */
export interface IdentityStore {
  /** Undefined when there is none or it cannot be understood. */
  load(): NodeIdentity | undefined;
  /** Complete or not at all. Throws what the file system throws. */
  save(identity: NodeIdentity): void;
  loadPending(): PendingKey | undefined;
  savePending(pending: PendingKey): void;
  dropPending(): void;
}

export function openIdentityStore(directory: string): IdentityStore {
  const current = join(directory, "identity.json");
  const pending = join(directory, "pending.json");
  return {
    load: () => read(current, NodeIdentity),
    save: (identity) => write(directory, current, identity),
    loadPending: () => read(pending, PendingKey),
    savePending: (made) => write(directory, pending, made),
    dropPending: () => rmSync(pending, { force: true }),
  };
}

function read<S extends typeof NodeIdentity | typeof PendingKey>(
  file: string,
  schema: S,
): Static<S> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return Value.Check(schema, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function write(directory: string, file: string, value: object): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  const handle = openSync(fresh, "wx", 0o600);
  try {
    writeFileSync(handle, JSON.stringify(value));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(fresh, file);
  const folder = openSync(directory, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
