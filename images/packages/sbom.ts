import type { Architecture } from "./architecture.ts";
import type { Part } from "./parts.ts";

export interface SbomOptions {
  readonly name: string;
  readonly version: string;
  readonly architecture: Architecture;
  readonly revision: string;
  readonly epochS: number;
  readonly node: Part;
  readonly parts: readonly Part[];
  /** Of the package's file, hexadecimal. */
  readonly sha256: string;
}

/** What a package is made of, as CycloneDX 1.6 JSON. The same for the same package: no serial number, the commit's time. Pure. */
export function sbom(options: SbomOptions): string {
  const { name, version, architecture, revision, epochS, node, parts, sha256 } = options;
  const purl = `pkg:deb/vsix/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
  const components = [node, ...parts].map(component);
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      timestamp: new Date(epochS * 1000).toISOString(),
      component: {
        type: "application",
        "bom-ref": purl,
        name,
        version,
        purl,
        hashes: [{ alg: "SHA-256", content: sha256 }],
        licenses: [{ license: { id: "Apache-2.0" } }],
        properties: [{ name: "vsix:revision", value: revision }],
      },
    },
    components,
    dependencies: [{ ref: purl, dependsOn: components.map((one) => one["bom-ref"]).sort() }],
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function component({ name, version, licence, homepage, integrity }: Part) {
  const purl =
    integrity === undefined
      ? `pkg:generic/${name}@${version}`
      : `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const digest = /^sha512-(.*)$/.exec(integrity ?? "")?.[1];
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses: [{ expression: licence.replace(/^\((.*)\)$/, "$1") }],
    ...(digest === undefined
      ? {}
      : { hashes: [{ alg: "SHA-512", content: Buffer.from(digest, "base64").toString("hex") }] }),
    ...(homepage === "" ? {} : { externalReferences: [{ type: "website", url: homepage }] }),
  };
}
