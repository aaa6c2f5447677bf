import type { HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import type { MtuOutcome, Result } from "./model.ts";
import type { Rule, View } from "./view.ts";

/** Targets, planes, pages and sizes. */
export const outsideRules: Rule = (view) => [
  ...targets(view),
  ...planes(view),
  ...pages(view),
  ...sizes(view),
];

/** Everything outside that answered: that is no cause then. */
export function outsideAnswers({ of }: View): boolean {
  return [...of("target"), ...of("web"), ...of("translated"), ...of("translated-echo"), ...of("plane")].some(
    ({ state }) => state === "good" || state === "poor",
  );
}

function targets(view: View): readonly HealthVerdict[] {
  const tried = view.of("target").filter((one) => one.tried);
  const silent = tried.filter(({ state }) => state === "bad");
  if (tried.length > 0 && silent.length === tried.length && !outsideAnswers(view)) {
    const last = view.of("target-trace").find(({ outcome }) => outcome?.kind === "trace");
    return [
      {
        code: "outside-silent",
        layer: "global",
        state: "bad",
        text: `nothing outside answers, though the gateway does${lastHop(last)}`,
      },
    ];
  }
  return tried.flatMap(({ check, state, text }): HealthVerdict[] => {
    if (state === "bad") {
      const trace = view.of("target-trace").find(({ check: { subject } }) => subject === check.subject);
      return [
        {
          code: "target-silent",
          layer: "global",
          state: "poor",
          text: `${check.subject} does not answer, others do${lastHop(trace)}`,
        },
      ];
    }
    return state === "poor"
      ? [
          {
            code: "target-poor",
            layer: "global",
            state,
            text: `the way to ${check.subject} is poor: ${text}`,
          },
        ]
      : [];
  });
}

function lastHop(trace: Result | undefined): string {
  const { outcome } = trace ?? {};
  if (outcome?.kind !== "trace" || outcome.reached) return "";
  const last = outcome.hops.at(-1);
  return last === undefined ? "; no hop answers" : `; the last answer is of hop ${last.hop}, ${last.address}`;
}

function planes(view: View): readonly HealthVerdict[] {
  const names = [...new Set(view.of("plane").flatMap(({ check }) => check.plane ?? []))];
  const looked = names.map((plane) => {
    const tried = view.of("plane").filter((one) => one.check.plane === plane && one.tried);
    return { plane, tried, silent: tried.filter(({ state }) => state === "bad") };
  });
  const known = looked.filter(({ tried }) => tried.length > 0);
  const dead = known.filter(({ tried, silent }) => silent.length === tried.length);
  // With all of them gone, and nothing else there, it is not the planes.
  if (dead.length === known.length && !outsideAnswers(view)) return [];
  return known.flatMap(({ plane, tried, silent }): HealthVerdict[] => {
    if (silent.length === tried.length) {
      const alive = known.filter((one) => !dead.includes(one)).map((one) => one.plane);
      const others = alive.length === 0 ? "" : `; ${alive.join(", ")} ${alive.length === 1 ? "does" : "do"}`;
      return [
        {
          code: "plane-silent",
          layer: "planes",
          state: "bad",
          plane,
          text: `plane ${plane} does not answer (${silent.map(({ check }) => check.subject).join(", ")})${others}`,
        },
      ];
    }
    const worse = tried.filter(({ state }) => state !== "good");
    return worse.length === 0
      ? []
      : [
          {
            code: "plane-poor",
            layer: "planes",
            state: "poor",
            plane,
            text: `plane ${plane} is poor: ${worse.map(({ check, text }) => `${check.subject} ${text}`).join("; ")}`,
          },
        ];
  });
}

function pages(view: View): readonly HealthVerdict[] {
  const tried = view.of("web").filter((one) => one.tried);
  const failed = tried.filter(({ state }) => state === "bad");
  // A page whose large packets vanish is no fault of its server.
  const blackHole = lostSizes(view).length > 0;
  const causes = failed.filter((one) => !(blackHole && hasStalled(one)));
  const all = failed.length === tried.length;
  if (all && !outsideAnswers(view)) return [];
  return [
    ...causes.map(
      ({ check, text }): HealthVerdict => ({
        code: "web-fails",
        layer: "web",
        state: all ? "bad" : "poor",
        text: `the page ${check.subject} fails: ${text}`,
      }),
    ),
    ...tried
      .filter(({ state }) => state === "poor")
      .map(
        ({ check, text }): HealthVerdict => ({
          code: "web-slow",
          layer: "web",
          state: "poor",
          text: `the page ${check.subject} is slow: ${text}`,
        }),
      ),
  ];
}

/** Connected, and then nothing more came: so it looks where large packets vanish. */
export function hasStalled({ outcome }: Result): boolean {
  return outcome?.kind === "fetch" && outcome.connectUs !== undefined && outcome.status === undefined;
}

export function lostSizes({ of }: View): readonly Result[] {
  return of("mtu").filter((one) => one.tried && one.state === "bad");
}

/** Too large is no fault where a router says so; where nobody does, connections hang. */
function sizes(view: View): readonly HealthVerdict[] {
  const lost = lostSizes(view).flatMap(({ check, outcome }) =>
    outcome?.kind === "mtu" ? [{ subject: check.subject, ...hole(outcome) }] : [],
  );
  const bySize = new Map<string, string[]>();
  for (const { subject, text } of lost) bySize.set(text, [...(bySize.get(text) ?? []), subject]);
  return [...bySize].map(([text, subjects]) => ({
    code: "size-black-hole",
    layer: "path-mtu",
    state: "bad",
    text: `${text} on the way to ${subjects.join(", ")}`,
  }));
}

function hole({ sizes: all, lostBehind }: MtuOutcome): { readonly text: string } {
  const lost = all.filter(({ how }) => how === "lost").map(({ size }) => size);
  const passes = all.filter(({ how }) => how === "passes").at(-1)?.size;
  const least = lost[0] ?? 0;
  const fit = passes === undefined ? "" : `, ${passes} pass`;
  const where = lostBehind === undefined ? "" : `, lost behind ${lostBehind}`;
  return { text: `packets of ${least} octets vanish without a Packet Too Big${fit}${where}` };
}
