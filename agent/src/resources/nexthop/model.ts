import type { Kind } from "../../core/kind.ts";
import { canonicalIp6 } from "../../wire/netlink/ip-text.ts";

export interface NexthopEncap {
  readonly mode: "encap" | "encap.red";
  /** In the order of travel. */
  readonly segments: readonly string[];
}

/** An IPv6 nexthop object: routes that share it move with one change. */
export interface NexthopObject {
  readonly id: number;
  readonly via?: string;
  /** Needed unless it is a blackhole: the kernel refuses one without a device, with or without `encap`. */
  readonly interface?: string;
  readonly blackhole?: boolean;
  /** SRv6 encapsulation; needs `via` or `interface` as well. */
  readonly encap?: NexthopEncap;
  /** Why it is as desired, for people; the kernel knows nothing of it. */
  readonly purpose?: string;
}

const sameEncap = (a: NexthopEncap | undefined, b: NexthopEncap | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.mode === b.mode &&
    a.segments.length === b.segments.length &&
    a.segments.every((segment, i) => segment === b.segments[i]));

export const nexthopKind: Kind<NexthopObject> = {
  name: "nexthop",
  key: ({ id }) => String(id),
  normalise: ({ id, via, interface: device, blackhole, encap, purpose }) =>
    blackhole === true
      ? { id, blackhole }
      : {
          id,
          ...(via === undefined ? {} : { via: canonicalIp6(via) ?? via }),
          ...(device === undefined ? {} : { interface: device }),
          ...(encap === undefined
            ? {}
            : {
                encap: {
                  mode: encap.mode,
                  segments: encap.segments.map((text) => canonicalIp6(text) ?? text),
                },
              }),
          ...(purpose === undefined ? {} : { purpose }),
        },
  equal: (desired, observed) =>
    (desired.blackhole === true) === (observed.blackhole === true) &&
    desired.via === observed.via &&
    desired.interface === observed.interface &&
    sameEncap(desired.encap, observed.encap),
  content: ({ via, interface: device, blackhole, encap }) => [blackhole === true, via, device, encap],
  describe: ({ id, via, interface: device, blackhole, encap, purpose }) =>
    [
      `nexthop id ${id}`,
      blackhole === true ? "blackhole" : "",
      encap === undefined ? "" : `encap seg6 mode ${encap.mode} segs ${encap.segments.join(",")}`,
      via === undefined ? "" : `via ${via}`,
      device === undefined ? "" : `dev ${device}`,
      purpose === undefined ? "" : `(${purpose})`,
    ]
      .filter((word) => word !== "")
      .join(" "),
};
