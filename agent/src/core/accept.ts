import { contentText, type Manifest } from "@vsix/shared/contract/manifest.ts";
import type { Mark } from "./fence.ts";

/** What an agent holds of the controller's will. */
export type Held = Pick<Manifest, "epoch" | "generation" | "parts">;

export type Acceptance =
  | { readonly kind: "accept" }
  | { readonly kind: "same" }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly reason: string };

export type RefusalCode =
  | "wrong-node"
  | "no-nonce"
  | "old-epoch"
  | "old-generation"
  | "conflicting-generation"
  | "taken-back"
  | "expired"
  | "bad-expiry";

/** What a manifest is judged against. */
export interface Standing {
  readonly held?: Held | undefined;
  /** Newest ever taken; newer than `held` when the disk went back or a trial failed. */
  readonly mark?: Mark | undefined;
  /** Newest that was not confirmed. */
  readonly refused?: Mark | undefined;
  /** What this node has asked with. */
  readonly nonce: string;
}

/**
 * Whether a manifest whose signature is already verified may replace what is held. Older never wins; expiry limits
 * accepting, not keeping. A controller signs a generation anew at every start, with new times: what counts is the parts.
 * A node that remembers nothing takes only what answers its nonce, for anything signed once could be played to it. What
 * answers the nonce is fresh, whatever this node's clock says. `content` is the SHA-256 of the manifest's contentText.
 */
export function judgeManifest(
  manifest: Manifest,
  content: string,
  standing: Standing,
  node: string,
  nowMs: number,
): Acceptance {
  const { held, mark, refused, nonce } = standing;
  if (manifest.node !== node)
    return refuse("wrong-node", `manifest is for ${manifest.node}, this is ${node}`);
  const fresh = manifest.nonce === nonce;
  if (held === undefined && mark === undefined && !fresh)
    return refuse("no-nonce", "nothing is held here, so only an answer to this node's own number is taken");
  const sameAs = (other: Pick<Manifest, "epoch" | "generation">): boolean =>
    manifest.epoch === other.epoch && manifest.generation === other.generation;
  const floor = held === undefined || (mark !== undefined && isOlder(held, mark)) ? mark : held;
  if (floor !== undefined) {
    const what = floor === held ? "is held" : "was held";
    if (manifest.epoch < floor.epoch)
      return refuse("old-epoch", `epoch ${manifest.epoch} is older than ${floor.epoch}, which ${what}`);
    if (isOlder(manifest, floor))
      return refuse(
        "old-generation",
        `generation ${manifest.generation} is older than ${floor.generation}, which ${what} (epoch ${floor.epoch})`,
      );
  }
  if (held !== undefined && sameAs(held)) {
    if (contentText(manifest.parts) === contentText(held.parts)) return { kind: "same" };
    return refuse("conflicting-generation", `generation ${held.generation} is held with other content`);
  }
  if (refused !== undefined && !isOlder(refused, manifest))
    return refuse("taken-back", `generation ${manifest.generation} was tried and not confirmed`);
  if (mark !== undefined && sameAs(mark) && mark.content !== content)
    return refuse("conflicting-generation", `generation ${mark.generation} was held with other content`);
  const untilMs = Date.parse(manifest.acceptUntil);
  if (Number.isNaN(untilMs))
    return refuse("bad-expiry", `acceptUntil is not a time: ${manifest.acceptUntil}`);
  if (untilMs < nowMs && !fresh) return refuse("expired", `could be accepted until ${manifest.acceptUntil}`);
  return { kind: "accept" };
}

/** Whether `a` comes before `b`. */
export function isOlder(
  a: Pick<Manifest, "epoch" | "generation">,
  b: Pick<Manifest, "epoch" | "generation">,
): boolean {
  return a.epoch < b.epoch || (a.epoch === b.epoch && a.generation < b.generation);
}

function refuse(code: RefusalCode, reason: string): Acceptance {
  return { kind: "refuse", code, reason };
}
