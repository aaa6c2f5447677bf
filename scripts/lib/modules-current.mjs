// Exits 0 when node_modules holds what package-lock.json says. Plain JavaScript: the distribution's old Node runs it.
import { readFileSync } from "node:fs";

const packages = (path) => JSON.parse(readFileSync(path, "utf8")).packages;

try {
  const wanted = packages("package-lock.json");
  const installed = packages("node_modules/.package-lock.json");
  const stale = Object.entries(wanted).some(([path, { version, link, optional }]) => {
    if (link || !path.startsWith("node_modules/")) return false;
    const there = installed[path]?.version;
    return there === undefined ? !optional : there !== version;
  });
  process.exitCode = stale ? 1 : 0;
} catch {
  process.exitCode = 1;
}
