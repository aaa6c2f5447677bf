import type { Kind } from "../../core/kind.ts";

/** A resolver of ours: the program that runs, with what it was told. */
export interface ResolverObject {
  /** Of the program. */
  readonly name: string;
  /** unbound.conf; empty: it runs, and nobody knows with what. */
  readonly config: string;
  /** Root hints; empty: the program's own. */
  readonly hints: string;
}

export const resolverKind: Kind<ResolverObject> = {
  name: "resolver",
  key: ({ name }) => name,
  normalise: (desired) => desired,
  equal: (desired, observed) => desired.config === observed.config && desired.hints === observed.hints,
  describe: ({ name, config }) =>
    config === ""
      ? `${name} with another configuration`
      : `${name} at ${valuesOf(config, "interface").join(", ")}${dns64Of(config)}`,
};

/** Values of an option of unbound.conf, in order. */
export function valuesOf(config: string, option: string): readonly string[] {
  return config
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith(`${option}: `))
    .map((line) => line.slice(option.length + 2));
}

function dns64Of(config: string): string {
  const [prefix] = valuesOf(config, "dns64-prefix");
  return prefix === undefined ? "" : `, DNS64 with ${prefix}`;
}

/** Ports are bound as root, before it becomes somebody else: other addresses need another start. */
export function needsRestart(before: ResolverObject, after: ResolverObject): boolean {
  return ["interface", "username", "directory", "chroot"].some((option) => differ(before, after, option));
}

/** What was synthesised with one prefix, or taken from answers by one list, is wrong with another. */
export function keepsCache(before: ResolverObject, after: ResolverObject): boolean {
  const options = ["dns64-prefix", "dns64-ignore-aaaa", "private-address", "module-config"];
  return before.config !== "" && !options.some((option) => differ(before, after, option));
}

function differ(before: ResolverObject, after: ResolverObject, option: string): boolean {
  return valuesOf(before.config, option).join("\n") !== valuesOf(after.config, option).join("\n");
}
