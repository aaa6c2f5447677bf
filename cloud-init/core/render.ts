import { stringify } from "yaml";
import type { Seed } from "./read.ts";
import { controllerSeed } from "./render-controller.ts";
import { piSeed } from "./render-pi.ts";
import { routerSeed } from "./render-router.ts";

/** What goes into the three files of NoCloud, as values. */
export interface SeedValues {
  readonly userData: UserData;
  /** Version 2 (Netplan). */
  readonly network: Readonly<Record<string, unknown>>;
  readonly hostname: string;
}

/** What we use of cloud-config. */
export interface UserData {
  readonly [key: string]: unknown;
  readonly write_files: readonly WrittenFile[];
  readonly runcmd: readonly (readonly string[])[];
}

export interface WrittenFile {
  readonly path: string;
  /** `0600` wherever there is a secret in it. */
  readonly permissions: "0600" | "0644";
  readonly owner: "root:root" | "vsix-agent:vsix-agent";
  /** Written when packages and their users are there. */
  readonly defer?: boolean;
  readonly content: string;
}

export interface SeedFiles {
  readonly "user-data": string;
  readonly "network-config": string;
  readonly "meta-data": string;
}

const MADE = "# Made by vsix-pi. Holds secrets: keep it to yourself.\n";

/**
 * The files of NoCloud (docs.cloud-init.io, "NoCloud"). All of them may hold secrets.
 * @param digest of a text, hexadecimal: another text is another instance, for which cloud-init does everything anew
 */
export function renderSeed(seed: Seed, digest: (text: string) => string): SeedFiles {
  const { userData, network, hostname } = valuesOf(seed);
  const yaml = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
  const user = `#cloud-config\n${MADE}${yaml(userData)}`;
  const net = `${MADE}${yaml({ version: 2, ...network })}`;
  const id = `vsix-${digest(user + net).slice(0, 16)}`;
  return {
    "user-data": user,
    "network-config": net,
    "meta-data": yaml({ "instance-id": id, "local-hostname": hostname }),
  };
}

function valuesOf({ file, node, secrets }: Seed): SeedValues {
  const secret = (path: string): string => {
    const text = secrets.get(path);
    if (text === undefined) throw new Error(`no secret was read at ${path}`);
    return text;
  };
  switch (file.kind) {
    case "pi":
      return piSeed(file, node ?? "", secret);
    case "router":
      return routerSeed(file, node ?? "", secret);
    case "controller":
      return controllerSeed(file);
  }
}
