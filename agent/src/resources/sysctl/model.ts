import type { Kind } from "../../core/kind.ts";

/** A kernel setting below /proc/sys of the agent's own network namespace. */
export interface SysctlObject {
  /** With slashes, so that dots in interface names stay: net/ipv6/conf/eth0.7/forwarding */
  readonly path: string;
  readonly value: string;
}

/** Fields of a value are separated by single spaces, none around it: `4096\t131072` reads back as two numbers. */
function tidy(value: string): string {
  return value.trim().replaceAll(/\s+/g, " ");
}

export const sysctlKind: Kind<SysctlObject> = {
  name: "sysctl",
  key: ({ path }) => path,
  normalise: ({ path, value }) => ({ path, value: tidy(value) }),
  equal: (desired, observed) => tidy(desired.value) === tidy(observed.value),
  content: ({ value }) => tidy(value),
  describe: ({ path, value }) => `sysctl ${path.replaceAll("/", ".")} = ${value}`,
};
