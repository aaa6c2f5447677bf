import assert from "node:assert/strict";
import { test } from "node:test";
import { formatTable } from "./table.ts";

test("columns line up whatever is coloured in them, and lines have no trailing blanks", () => {
  const esc = String.fromCharCode(27);
  const green = `${esc}[32mgreen${esc}[39m`;
  assert.equal(
    formatTable(
      ["A", "BB"],
      [
        [green, "1"],
        ["x", ""],
      ],
    ),
    `A      BB\n${green}  1\nx`,
  );
});

test("no rows, no table", () => {
  assert.equal(formatTable(["A"], []), "");
});
