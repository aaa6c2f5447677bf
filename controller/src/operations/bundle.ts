import type { Bundle } from "@vsix/shared/contract/bundle.ts";
import { encodeEnvelope } from "@vsix/shared/crypto/ed25519.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { ControllerError } from "../errors.ts";
import { type Context, requireInForce } from "./context.ts";

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
    envelope: Buffer.from(encodeEnvelope(context.publisher.envelope(node))).toString("base64"),
    parts: node.parts.map((part) => ({
      name: part.name,
      sha256: part.sha256,
      bytes: Buffer.from(part.bytes).toString("base64"),
    })),
  };
}
