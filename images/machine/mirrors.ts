import { MachineError } from "./error.ts";

/** Where this machine's apt gets Debian, and its security updates. */
export interface Mirrors {
  readonly archive: string;
  readonly security: string | undefined;
}

/**
 * Finds Debian's own archives among the sources of apt (sources.list(5), both ways of writing). Pure.
 * @param texts of the files. Throws {@link MachineError} `machine-source` when none is Debian's.
 */
export function mirrorsOf(texts: readonly string[]): Mirrors {
  const found = texts.flatMap((text) =>
    text
      .split("\n")
      .map((line) => line.replace(/#.*$/, "").trim())
      .flatMap((line) => {
        const one = /^deb\s+(?:\[[^\]]*\]\s*)?(\S+)/.exec(line)?.[1];
        const many = /^URIs:\s*(.*)$/i.exec(line)?.[1];
        return [...(one === undefined ? [] : [one]), ...(many?.split(/\s+/) ?? [])];
      })
      .filter((uri) => /^(https?|file|ftp):/.test(uri))
      .map((uri) => uri.replace(/\/+$/, "")),
  );
  const archive = found.find((uri) => /\/debian$/.test(uri));
  const security = found.find((uri) => /\/debian-security$/.test(uri));
  if (archive === undefined)
    throw new MachineError(
      "machine-source",
      "no source of apt here is an archive of Debian (an address that ends in /debian): say --mirror URI",
    );
  return { archive, security };
}

/** As mmdebstrap takes them. */
export function sourceLines({ archive, security }: Mirrors, suite: string): readonly string[] {
  const components = "main non-free-firmware";
  return [
    `deb ${archive} ${suite} ${components}`,
    `deb ${archive} ${suite}-updates ${components}`,
    ...(security === undefined ? [] : [`deb ${security} ${suite}-security ${components}`]),
  ];
}
