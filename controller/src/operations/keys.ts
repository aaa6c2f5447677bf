import { timestamp } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { KeyChange } from "../store/manifest-keys.ts";
import type { Context } from "./context.ts";

/** Who obeys the key that signs now: `yes` says so itself; `no` will once it hears of it; `cannot`: an agent too old. */
export interface NodeTrust {
  readonly node: string;
  readonly follows: "yes" | "no" | "cannot" | "unknown";
}

export interface KeyList {
  readonly current: string;
  readonly changes: readonly KeyChange[];
  readonly nodes: readonly NodeTrust[];
}

export function listKeys({ keys, desired, fleet }: Context): KeyList {
  const nodes = [...(desired.inForce?.nodes.keys() ?? [])].map((node): NodeTrust => {
    const report = fleet.node(node).report?.value;
    if (report === undefined) return { node, follows: "unknown" };
    if (report.abilities?.includes("rotate") !== true) return { node, follows: "cannot" };
    return { node, follows: report.trusts?.includes(keys.current.id) === true ? "yes" : "no" };
  });
  return { current: keys.current.id, changes: keys.changes, nodes };
}

/**
 * Signs with a new key from now on. Refused (`cannot-follow`) while an agent would not understand it, unless forced: such a
 * node keeps what it holds and needs the new public key by hand.
 */
export async function rotateKey(context: Context, who: string, force: boolean): Promise<KeyChange> {
  const { keys, store, clock, desired, lineage, trials, log } = context;
  lineage.guard();
  trials.guard();
  const unable = listKeys(context).nodes.filter(({ follows }) => follows === "cannot");
  if (unable.length > 0 && !force) {
    const names = unable.map(({ node }) => node).join(", ");
    throw new ControllerError(
      "cannot-follow",
      `the agents of ${names} cannot follow a new key; --force does it`,
    );
  }
  const at = timestamp(clock.wallMs());
  const change = await store.transaction(async (tx) => {
    const made = await keys.rotate(at);
    await tx.addAudit({ at, who, what: "key-rotate", detail: JSON.stringify(made) });
    return made;
  });
  log.warn({ who, ...change }, "manifests are signed by a new key");
  await desired.reissue();
  return change;
}
