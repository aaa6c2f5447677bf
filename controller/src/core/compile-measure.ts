import type { MeasurePart } from "@vsix/shared/contract/part-measure.ts";
import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { edgesOf } from "@vsix/shared/fabric/query.ts";

/**
 * What a node measures. Every plane router of every plane has the same targets, so that planes are compared over the same
 * way out at the same time. An External Edge measures the Edges: those are the ways that users really have. An Edge measures
 * nothing: its operator may run any software there.
 */
export function compileMeasure(fabric: Fabric, { role }: FabricNode): MeasurePart | undefined {
  const { targets: common, ...numbers } = fabric.measure;
  const targets =
    role === "plane"
      ? common
      : role === "external-edge"
        ? edgesOf(fabric).map(({ name, loopback }) => ({ name, address: loopback }))
        : [];
  return targets.length === 0 ? undefined : { ...numbers, targets: [...targets] };
}
