/** One sample of Prometheus' text exposition format 0.0.4. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Parses an exposition strictly: throws at a line that is none, and at samples without TYPE or HELP before them. */
export function parseExposition(text: string): readonly Sample[] {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, kind, about, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (about !== undefined && rest !== undefined) {
      if (kind === "HELP") helped.add(about);
      else types.set(about, rest);
      continue;
    }
    const [, name, inside, number] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined || number === undefined) throw new Error(`not a line of an exposition: ${line}`);
    const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, "");
    if (!types.has(family) || !helped.has(family)) throw new Error(`${name} has no TYPE or HELP`);
    if (types.get(family) === "counter" && !family.endsWith("_total"))
      throw new Error(`${name} is no _total`);
    const labels: Record<string, string> = {};
    for (const [, label, value] of (inside ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)) {
      if (label !== undefined && value !== undefined) labels[label] = value;
    }
    samples.push({ name, labels, value: number === "Nan" ? Number.NaN : Number(number) });
  }
  return samples;
}

/** The one sample of this name with at least these labels. Throws when there are none or several. */
export function sampleOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = samples.filter(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  }
  return only.value;
}
