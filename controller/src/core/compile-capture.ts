import { type CapturePart, type CapturePrivacy, wantsKey } from "@vsix/shared/contract/part-capture.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf } from "@vsix/shared/fabric/query.ts";
import { CAPTURE_SIZES, DEFAULT_TELESCREEN } from "@vsix/shared/fabric/telescreen-defaults.ts";

/** Part `capture` of one node, without the key ({@link withCaptureKey}); undefined where it captures nothing. */
export function compileCapture(fabric: Fabric, node: FabricNode): CapturePart | undefined {
  const { telescreen } = fabric;
  const wanted = telescreen?.nodes.find(({ name }) => name === node.name);
  if (telescreen === undefined || wanted === undefined) return undefined;
  const interfaces = wanted.interfaces ?? portsOf(fabric, node);
  if (interfaces.length === 0) return undefined;
  return {
    version: 1,
    interfaces: [...interfaces],
    ports: [...telescreen.ports],
    pref64: [...telescreen.pref64],
    resolvers: [...telescreen.resolvers],
    timeoutMs: telescreen.timeoutMs,
    flushMs: DEFAULT_TELESCREEN.flushMs,
    ...CAPTURE_SIZES[wanted.rate],
    privacy: telescreen.privacy,
  };
}

/**
 * The parts as the node gets them: with the key where pseudonyms or hashes need one. What is compared and shown to people is compiled
 * without, so nothing but a node's own part ever holds it.
 */
export function withCaptureKey<P extends { readonly capture?: CapturePart }>(parts: P, key: string): P {
  const { capture } = parts;
  if (capture === undefined || !wantsKey(capture.privacy)) return parts;
  const privacy: CapturePrivacy = { ...capture.privacy, key };
  return { ...parts, capture: { ...capture, privacy } };
}

/** Users are behind Edges: ports to those, or of a node that has none (an Edge itself) all of its links. */
function portsOf(fabric: Fabric, node: FabricNode): readonly string[] {
  const all = adjacenciesOf(fabric, node.name);
  const toEdges = all.filter(({ peer }) => peer.role === "edge");
  return [...new Set((toEdges.length > 0 ? toEdges : all).map(({ self }) => self.interface))];
}
