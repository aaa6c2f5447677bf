/** Debian's names of the architectures that packages are made for. */
export const ARCHITECTURES = ["amd64", "arm64"] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/** What they are called elsewhere. */
export interface ArchitectureNames {
  /** Of Node, and of files that carry its name. */
  readonly node: "x64" | "arm64";
  /** Debian's GNU triplet: the compilers' prefix. */
  readonly triplet: string;
  /** e_machine, as readelf -h prints it. */
  readonly elf: string;
}

export const NAMES: Readonly<Record<Architecture, ArchitectureNames>> = {
  amd64: { node: "x64", triplet: "x86_64-linux-gnu", elf: "Advanced Micro Devices X86-64" },
  arm64: { node: "arm64", triplet: "aarch64-linux-gnu", elf: "AArch64" },
};

export function isArchitecture(text: string): text is Architecture {
  return (ARCHITECTURES as readonly string[]).includes(text);
}
