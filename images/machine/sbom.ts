import type { Architecture } from "../packages/architecture.ts";

/** A package of Debian's database (dpkg's `status`). */
export interface Installed {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
}

/** Packages that are installed, by name. Pure. */
export function installed(status: string): readonly Installed[] {
  return status
    .split("\n\n")
    .flatMap((paragraph) => {
      const field = (name: string): string | undefined =>
        new RegExp(`^${name}: (.*)$`, "m").exec(paragraph)?.[1];
      const [name, version, architecture] = [field("Package"), field("Version"), field("Architecture")];
      if (name === undefined || version === undefined || architecture === undefined) return [];
      if (field("Status") !== "install ok installed") return [];
      return [{ name, version, architecture, source: field("Source") ?? name }];
    })
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export interface ImageSbom {
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly suite: string;
  readonly epochS: number;
  readonly packages: readonly Installed[];
  /** Of the file, hexadecimal. */
  readonly sha256: string;
}

/** What an image is made of, as CycloneDX 1.6 JSON. The same for the same image. What is in vsix-agent is told beside its own package. Pure. */
export function imageSbom({
  name,
  version,
  architecture,
  suite,
  epochS,
  packages,
  sha256,
}: ImageSbom): string {
  const reference = `pkg:generic/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
  const components = packages.map((one) => {
    const ours = one.name.startsWith("vsix-");
    const purl = `pkg:deb/${ours ? "vsix" : "debian"}/${encodeURIComponent(one.name)}@${encodeURIComponent(one.version)}?arch=${one.architecture}${ours ? "" : `&distro=${suite}`}`;
    return {
      type: "library",
      "bom-ref": purl,
      name: one.name,
      version: one.version,
      purl,
      ...(one.source === one.name ? {} : { properties: [{ name: "debian:source", value: one.source }] }),
    };
  });
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(epochS * 1000).toISOString(),
      component: {
        type: "operating-system",
        "bom-ref": reference,
        name,
        version,
        hashes: [{ alg: "SHA-256", content: sha256 }],
      },
    },
    components,
    dependencies: [{ ref: reference, dependsOn: components.map((one) => one["bom-ref"]).sort() }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
