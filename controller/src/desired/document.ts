import type { PartReference } from "@vsix/shared/contract/manifest.ts";

/** One part as compiled: the exact bytes that are hashed, published and kept by the node. */
export interface CompiledPart {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What one node should be, as compiled. */
export interface CompiledNode {
  readonly node: string;
  readonly parts: readonly CompiledPart[];
}

export interface DesiredPart extends PartReference {
  readonly bytes: Uint8Array;
}

/** What one node should be, with the generations that the database gave it. */
export interface DesiredNode {
  readonly node: string;
  readonly generation: number;
  /** Fabric revision that last changed it. */
  readonly revision: number;
  readonly parts: readonly DesiredPart[];
}
