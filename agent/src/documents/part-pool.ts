import { MAX_PART_OCTETS } from "@vsix/shared/contract/parse.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { sha256Hex } from "./document.ts";

/** Parts that no manifest names yet, kept in memory at most: a manifest comes after its parts. */
const MAX_STRAY_PARTS = 64;
const MAX_STRAY_OCTETS = 32 * 1024 * 1024;

/** Parts by SHA-256: wanted ones for as long as they are wanted, others within a bound. */
export class PartPool {
  readonly parts = new Map<string, Uint8Array>();

  /** Takes bytes filed under a SHA-256. False when they are there already. Throws VsixError; then nothing was taken. */
  add(sha256: string, bytes: Uint8Array): boolean {
    if (this.parts.has(sha256)) return false;
    if (!/^[0-9a-f]{64}$/.test(sha256))
      throw new VsixError("bad-digest", "a part is filed under a name that is no SHA-256");
    if (bytes.length > MAX_PART_OCTETS)
      throw new VsixError(
        "too-large",
        `part ${sha256} has ${bytes.length} octets; at most ${MAX_PART_OCTETS} are read`,
      );
    if (sha256Hex(bytes) !== sha256)
      throw new VsixError("bad-digest", `a part does not have the SHA-256 ${sha256} it is filed under`);
    this.parts.set(sha256, Buffer.from(bytes));
    return true;
  }

  keep(parts: ReadonlyMap<string, Uint8Array>): void {
    for (const [sha256, bytes] of parts) this.parts.set(sha256, bytes);
  }

  /** The oldest parts that nobody asked for go first. */
  dropStrays(wanted: ReadonlySet<string>): void {
    const strays = [...this.parts].filter(([sha256]) => !wanted.has(sha256));
    let octets = strays.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    let count = strays.length;
    for (const [sha256, bytes] of strays) {
      if (count <= MAX_STRAY_PARTS && octets <= MAX_STRAY_OCTETS) return;
      this.parts.delete(sha256);
      count--;
      octets -= bytes.length;
    }
  }
}
