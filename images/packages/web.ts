import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildWeb } from "../../controller/web/build.ts";
import type { TreeFile } from "./tree.ts";

/** The web application that a controller shows to browsers. */
export interface Web {
  /** Paths below the folder of the program. */
  readonly files: readonly TreeFile[];
  /** npm packages of which something is within, as folders below the repository. */
  readonly packages: readonly string[];
}

export const NO_WEB: Web = { files: [], packages: [] };

/** Builds it, where it is not current. Only what is served goes into the package: no stamp, no list. */
export async function webApplication(root: string): Promise<Web> {
  await buildWeb();
  const built = join(root, "controller/web/dist");
  const paths = [
    "index.html",
    ...readdirSync(join(built, "assets"))
      .sort()
      .map((name) => join("assets", name)),
  ];
  return {
    files: paths.map((path) => ({ path: join("web", path), mode: 0o644, source: join(built, path) })),
    packages: JSON.parse(readFileSync(join(built, "packages.json"), "utf8")) as readonly string[],
  };
}
