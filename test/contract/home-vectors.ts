import { readFileSync } from "node:fs";
import { compileHome } from "@vsix/controller/core/access/home.ts";
import { partBytes } from "@vsix/controller/core/parts.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { PartVector } from "./service-vectors.ts";

/** The part of a user's own router, as the controller writes it for examples/access.yaml. */
export function homeVectors(): readonly PartVector[] {
  const yaml = readFileSync(new URL("../../examples/access.yaml", import.meta.url), "utf8");
  const parsed = parseFabric(yaml, "examples/access.yaml");
  if (!parsed.ok) throw new Error(`not valid: ${JSON.stringify(parsed)}`);
  const point = parsed.fabric.services?.access?.find(({ name }) => name === "east");
  if (point === undefined) throw new Error("examples/access.yaml has no point east");
  const user = { id: 7, service: "generic-tunneling", prefixes: ["2001:db8:e000::/60"] } as const;
  const { home } = compileHome(parsed.fabric, "access-7", point, user) ?? {};
  const text = Buffer.from(partBytes(home)).toString("ascii");
  return [{ name: "part-home-watch-access-7", kind: "part", part: "home", text }];
}
