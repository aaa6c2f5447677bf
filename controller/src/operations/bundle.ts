import type { Envelope } from "@vsix/shared/contract/envelope.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce } from "./context.ts";

/** What a node needs to start without a controller in reach: its signed manifest and the parts that names. */
export interface Bundle {
  readonly version: 1;
  readonly envelope: Envelope;
  readonly parts: readonly {
    readonly name: string;
    readonly sha256: string;
    /** Base64. */
    readonly bytes: string;
  }[];
}

/** Throws `no-fabric`, `unknown-node`. */
export function bundleOf(context: Context, name: string): Bundle {
  const { nodes, fabric } = requireInForce(context.desired.inForce);
  const node = nodes.get(name);
  if (node === undefined) {
    const software = findNode(fabric, name)?.software;
    const reason =
      software === undefined
        ? `there is no node ${JSON.stringify(name)}; nodes: ${[...nodes.keys()].join(", ")}`
        : `${name} runs ${software}, which takes no documents from here`;
    throw new ControllerError("unknown-node", reason);
  }
  return {
    version: 1,
    envelope: context.publisher.envelope(node),
    parts: node.parts.map((part) => ({
      name: part.name,
      sha256: part.sha256,
      bytes: Buffer.from(part.bytes).toString("base64"),
    })),
  };
}
