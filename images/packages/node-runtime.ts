import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Architecture, NAMES } from "./architecture.ts";
import { PackageError } from "./error.ts";
import type { Part } from "./parts.ts";
import { run } from "./tools.ts";

/** Node for an architecture, as package-lock.json pins it. */
export interface NodeRuntime {
  readonly package: string;
  readonly version: string;
  readonly binary: string;
  readonly licence: string;
  /** Of the npm package (Subresource Integrity). */
  readonly integrity: string;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>>;
}

/**
 * The npm package with Node: what `npm ci` installed on a machine of the architecture, else fetched once into `.cache`, and
 * only with the digest that package-lock.json has. Throws {@link PackageError}.
 */
export function fetchNode(root: string, architecture: Architecture): NodeRuntime {
  const name = `node-linux-${NAMES[architecture].node}`;
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (version === undefined || integrity === undefined)
    throw new PackageError(
      "package-source",
      `package-lock.json: has no ${name} with an integrity: run npm install`,
    );
  const installed = join(root, "node_modules", name);
  const folder = isVersion(installed, version) ? installed : cached(root, name, version, integrity);
  return {
    package: name,
    version,
    integrity,
    binary: join(folder, "bin/node"),
    licence: join(folder, "LICENSE"),
  };
}

function isVersion(folder: string, version: string): boolean {
  const file = join(folder, "package.json");
  if (!existsSync(file) || !existsSync(join(folder, "bin/node"))) return false;
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version === version;
}

function cached(root: string, name: string, version: string, integrity: string): string {
  const cache = join(root, ".cache/packages");
  const folder = join(cache, `${name}-${version}`);
  if (isVersion(folder, version)) return folder;
  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(join(cache, "fetch-"));
  try {
    // Not `npm install`: it passes over packages for another architecture.
    const told = run("npm", ["pack", "--json", "--pack-destination", scratch, `${name}@${version}`], {
      cwd: scratch,
    });
    const archive = join(scratch, archiveOf(told));
    const digest = createHash("sha512").update(readFileSync(archive)).digest("base64");
    if (`sha512-${digest}` !== integrity)
      throw new PackageError(
        "package-download",
        `${name}@${version} has not the digest of package-lock.json: sha512-${digest}, not ${integrity}`,
      );
    run("tar", ["-xzf", archive, "-C", scratch, "--no-same-owner"]);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(scratch, "package"), folder);
    return folder;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** npm before 11 gives a list, later ones may give an object by name. */
function archiveOf(text: string): string {
  const told = Object.values(JSON.parse(text) as Record<string, { readonly filename?: string }>);
  const { filename } = told[0] ?? {};
  if (filename === undefined || filename.includes("/"))
    throw new PackageError("package-download", `npm pack told no file: ${text.slice(0, 200)}`);
  return filename;
}

/** As it is told of in what a package is made of. */
export function nodePart({ package: name, version, licence, integrity }: NodeRuntime): Part {
  return {
    name,
    version,
    licence: "MIT",
    author: "Node.js contributors; what it carries within is in its own text",
    homepage: "https://nodejs.org",
    text: readFileSync(licence, "utf8"),
    integrity,
  };
}
