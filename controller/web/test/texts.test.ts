import assert from "node:assert/strict";
import { globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LANGUAGES, preferred, regional } from "../src/i18n/languages.ts";
import type { Texts } from "../src/i18n/texts.ts";

const SOURCES = join(import.meta.dirname, "../src");
const files = globSync("**/*.texts.ts", { cwd: SOURCES });

async function textsOf(file: string): Promise<readonly Texts[]> {
  const module = (await import(join(SOURCES, file))) as Record<string, Texts>;
  return Object.values(module);
}

/** What a text wants filled in. */
function holes(text: string): readonly string[] {
  return (text.match(/\{\{\w+\}\}/g) ?? []).sort();
}

test("every text exists in every language, is not empty, and wants the same values", async () => {
  assert.ok(files.length > 4, `${files.length} files`);
  const names = new Set<string>();
  for (const file of files) {
    for (const texts of await textsOf(file)) {
      assert.ok(!names.has(texts.name), `${file}: ${texts.name} is another file's name too`);
      names.add(texts.name);
      const keys = Object.keys(texts.en).sort();
      assert.ok(keys.length > 0, file);
      for (const language of LANGUAGES) {
        assert.deepEqual(Object.keys(texts[language]).sort(), keys, `${file}: ${language}`);
        for (const key of keys) {
          const [text = "", english = ""] = [texts[language][key], texts.en[key]];
          assert.notEqual(text.trim(), "", `${file}: ${language}: ${key}`);
          assert.deepEqual(holes(text), holes(english), `${file}: ${language}: ${key}`);
        }
      }
    }
  }
});

test("no Japanese text was left in English", async () => {
  const alike: string[] = [];
  // Japanese kana or kanji, or a name that is the same everywhere.
  for (const file of files)
    for (const { en, ja } of await textsOf(file))
      for (const key of Object.keys(en))
        if (en[key] === ja[key] && /[a-z]{2}/.test(en[key] ?? "")) alike.push(`${file}: ${key}`);
  assert.deepEqual(alike, []);
});

test("a browser's first language that we have is taken, whatever its region", () => {
  assert.equal(preferred(["ja-JP", "en"]), "ja");
  assert.equal(preferred(["fr", "de", "en-GB", "ja"]), "en");
  assert.equal(preferred(["jam"]), "en", "Jamaican Creole is not Japanese");
  assert.equal(preferred([]), "en");
});

test("dates and numbers are written as in the reader's region, where the browser says it", () => {
  assert.equal(regional("en", ["ja-JP", "en-GB", "en-US"]), "en-GB");
  assert.equal(regional("ja", ["en", "ja"]), "ja");
  assert.equal(regional("en", ["enm-GB"]), "en");
});
