import type { Manifest } from "@vsix/shared/contract/manifest.ts";

/** What an agent holds of the controller's will. */
export type Held = Pick<Manifest, "epoch" | "generation" | "parts">;

export type Acceptance =
  | { readonly kind: "accept" }
  | { readonly kind: "same" }
  | { readonly kind: "refuse"; readonly code: RefusalCode; readonly reason: string };

export type RefusalCode =
  | "wrong-node"
  | "old-epoch"
  | "old-generation"
  | "conflicting-generation"
  | "expired"
  | "bad-expiry";

/**
 * Whether a manifest whose signature is already verified may replace what is held. Older never wins; expiry limits
 * accepting, not keeping. A controller signs a generation anew at every start, with new times: what counts is the parts.
 */
export function judgeManifest(
  manifest: Manifest,
  held: Held | undefined,
  node: string,
  nowMs: number,
): Acceptance {
  if (manifest.node !== node)
    return refuse("wrong-node", `manifest is for ${manifest.node}, this is ${node}`);
  if (held !== undefined) {
    if (manifest.epoch < held.epoch)
      return refuse("old-epoch", `epoch ${manifest.epoch} is older than ${held.epoch}, which is held`);
    if (manifest.epoch === held.epoch && manifest.generation < held.generation)
      return refuse(
        "old-generation",
        `generation ${manifest.generation} is older than ${held.generation}, which is held (epoch ${held.epoch})`,
      );
    if (manifest.epoch === held.epoch && manifest.generation === held.generation) {
      if (sameParts(manifest, held)) return { kind: "same" };
      return refuse("conflicting-generation", `generation ${held.generation} is held with other content`);
    }
  }
  const untilMs = Date.parse(manifest.acceptUntil);
  if (Number.isNaN(untilMs))
    return refuse("bad-expiry", `acceptUntil is not a time: ${manifest.acceptUntil}`);
  if (untilMs < nowMs) return refuse("expired", `could be accepted until ${manifest.acceptUntil}`);
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

function sameParts(a: Pick<Manifest, "parts">, b: Pick<Manifest, "parts">): boolean {
  const list = ({ parts }: Pick<Manifest, "parts">): string =>
    parts
      .map(({ name, sha256, generation }) => `${name} ${sha256} ${generation}`)
      .sort()
      .join("\n");
  return list(a) === list(b);
}
