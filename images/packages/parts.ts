import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PackageError } from "./error.ts";

/** Somebody else's work that is in a package of ours. */
export interface Part {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly author: string;
  readonly homepage: string;
  /** The text that comes with it; undefined where none does. */
  readonly text: string | undefined;
  /** Of the npm package (Subresource Integrity), as package-lock.json has it. */
  readonly integrity: string | undefined;
}

/** Licences that allow what we do: give it on within our package, with their text. Others are a decision that somebody takes first. */
const ALLOWED = new Set([
  ...["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "BlueOak-1.0.0", "Unlicense"],
  "(Apache-2.0 AND BSD-3-Clause)",
]);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
  readonly homepage?: string;
}

/**
 * npm packages by their folders below the repository. Throws {@link PackageError} for one whose licence is not known to allow it.
 */
export function npmParts(root: string, folders: readonly string[]): readonly Part[] {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as Manifest;
    const { name, version, license = "", author, homepage = "" } = manifest;
    if (!ALLOWED.has(license))
      throw new PackageError(
        "package-source",
        `${folder}: licence "${license}": images/packages/parts.ts does not say that it allows to be given on`,
      );
    return {
      name,
      version,
      licence: license,
      author: typeof author === "string" ? author : (author?.name ?? ""),
      homepage,
      text: licenceText(join(root, folder)),
      integrity: lock.packages[folder]?.integrity,
    };
  });
}

function licenceText(folder: string): string | undefined {
  const name = readdirSync(folder).find((one) => /^(licen[sc]e|copying)(\.(md|txt))?$/i.test(one));
  return name === undefined ? undefined : readFileSync(join(folder, name), "utf8");
}

/** SQLite, which better-sqlite3 has within; its version as its header says. */
export function sqlitePart(root: string): Part {
  const file = "node_modules/better-sqlite3/deps/sqlite3/sqlite3.h";
  const header = existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "";
  const version = /#define SQLITE_VERSION\s+"([0-9.]+)"/.exec(header)?.[1];
  if (version === undefined) throw new PackageError("package-source", `${file}: tells no SQLITE_VERSION`);
  return {
    name: "sqlite",
    version,
    licence: "blessing",
    author: "D. Richard Hipp and others",
    homepage: "https://sqlite.org/copyright.html",
    text: "The authors dedicate SQLite to the public domain.",
    integrity: undefined,
  };
}
