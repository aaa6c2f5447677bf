import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Architecture, NAMES } from "./architecture.ts";
import type { Bundle } from "./bundle.ts";
import { changelog, type SourceState } from "./control.ts";
import { copyrightFile } from "./copyright.ts";
import { stripped } from "./machine-code.ts";
import { manuals } from "./manuals.ts";
import type { Part } from "./parts.ts";
import { homeOf, type Program } from "./program.ts";
import type { TreeFile } from "./tree.ts";
import type { Web } from "./web.ts";

export interface Ingredients {
  readonly root: string;
  readonly program: Program;
  readonly architecture: Architecture;
  readonly version: string;
  readonly epochS: number;
  readonly source: SourceState;
  readonly bundled: Bundle;
  readonly web: Web;
  readonly parts: Parts;
  /** For files in between. */
  readonly scratch: string;
  /** Node without its symbols. */
  readonly node: string;
  /** agent/native, compiled. */
  readonly addon: string | undefined;
}

/** Somebody else's work in it. */
export interface Parts {
  readonly node: Part;
  readonly others: readonly Part[];
}

/** All files of a package but its control archive. */
export function programFiles(with_: Ingredients): readonly TreeFile[] {
  const { root, program, version, epochS, source, bundled, web, node, addon, parts } = with_;
  const home = homeOf(program);
  const doc = `usr/share/doc/${program.name}`;
  const script = [...bundled.files].map(([name, content]) => ({
    path: `${home}/${name}`,
    mode: 0o644,
    content,
  }));
  const files: TreeFile[] = [
    { path: `${home}/node`, mode: 0o755, source: node },
    // ESM, whatever stands above it.
    { path: `${home}/package.json`, mode: 0o644, content: '{ "type": "module", "private": true }\n' },
    ...script,
    ...web.files.map((file) => ({ ...file, path: `${home}/${file.path}` })),
    ...program.external.flatMap((name) => packageFiles(root, home, name, with_)),
    ...program.files.map(([from, to, mode]) => ({
      path: to,
      mode,
      source: join(import.meta.dirname, "files", from),
    })),
    ...manuals(program, version, epochS),
    {
      path: `${doc}/copyright`,
      mode: 0o644,
      content: copyrightFile(program.name, parts.node, parts.others),
    },
    {
      path: `${doc}/changelog.gz`,
      mode: 0o644,
      content: zipped(changelog(program.name, version, source.revision, epochS)),
    },
  ];
  if (addon !== undefined)
    files.push({ path: `${home}/build/${addon.split("/").at(-1)}`, mode: 0o644, source: addon });
  return files;
}

/** As gzip -9n: no name, no time. */
function zipped(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

/** A package that stays one: its JavaScript, and the machine code of one architecture. */
function packageFiles(
  root: string,
  home: string,
  name: string,
  { architecture, scratch }: Ingredients,
): readonly TreeFile[] {
  const folder = join("node_modules", name);
  const binary = `prebuilds/linux-${NAMES[architecture].node}.node`;
  const paths = ["package.json", binary, ...globSync("lib/**/*.js", { cwd: join(root, folder) }).sort()];
  return paths.map((path) => ({
    path: join(home, folder, path),
    mode: 0o644,
    ...(path === binary
      ? { source: stripped(architecture, join(root, folder, path), join(scratch, `${name}.node`)) }
      : { content: readFileSync(join(root, folder, path)) }),
  }));
}
