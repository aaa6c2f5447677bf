import { Loader, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import type { PathDetail } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { networkOf } from "../../../model/network.ts";
import { around, type HopRow, hopRows, nearestExpected, pathDrawing } from "../../../model/path-drawing.ts";
import { Mark } from "../../../parts/mark.tsx";
import { useShared } from "../../../parts/shared.ts";
import { WideTable } from "../../../parts/wide-table.tsx";
import { statusQuery, topologyQuery } from "../network-queries.ts";
import { pathsTexts } from "./paths.texts.ts";

const NetworkGraph = lazy(async () => ({ default: (await import("../live/graph.tsx")).NetworkGraph }));

/** How a path goes beside how it should: drawn over the network, and in words hop by hop. */
export function PathDrawing({ path: { source, drawn } }: { readonly path: PathDetail }) {
  const t = useTexts(pathsTexts);
  if (drawn.ways.length === 0 && drawn.expected.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t("drawn")}>
      <Title order={2} size="h3">
        {t("drawn")}
      </Title>
      <Graph source={source} drawn={drawn} />
      <Text size="xs" c="dimmed">
        {t("legend-now")} · {t("legend-expected")} · {t("legend-parting")} · {t("legend-gap")}
      </Text>
      {drawn.expected.map(({ text, nodes }) => (
        <Text key={text} size="sm" data-expected={nodes?.join(" ") ?? ""}>
          {t("allowed", { text })}{" "}
          {nodes === null || nodes.length === 0 ? t("not-drawn") : t("one-way", { nodes: nodes.join(" → ") })}
        </Text>
      ))}
      {drawn.ways.map((way) => (
        <HopTable key={way.flows.join(" ")} way={way} expected={drawn.expected} />
      ))}
    </Stack>
  );
}

function Graph({ source, drawn }: { readonly source: string; readonly drawn: PathDetail["drawn"] }) {
  const t = useTexts(pathsTexts);
  const { data: topology } = useQuery(topologyQuery);
  const { data: status } = useQuery(statusQuery);
  const drawing = useShared(useMemo(() => pathDrawing(source, drawn), [source, drawn]));
  const network = useShared(
    useMemo(
      () =>
        topology === undefined || status === undefined
          ? undefined
          : around(networkOf(topology, status, undefined, undefined), drawing),
      [topology, status, drawing],
    ),
  );
  if (network === undefined || drawing.ways.length === 0) return null;
  const ways = drawing.ways.map(({ kind, steps: [first, ...rest] }) =>
    first === undefined
      ? ""
      : `${t(kind === "now" ? "now" : "expected-way")}: ${[first.from, first.to, ...rest.map(({ to }) => to)].join(" → ")}.`,
  );
  const partings = drawing.partings.map((node) => t("parts-after", { node }));
  return (
    <Suspense fallback={<Loader aria-label={t("drawn")} />}>
      <NetworkGraph network={network} overlay={drawing} label={[...ways, ...partings].join(" ")} />
    </Suspense>
  );
}

const TONES = { same: "good", open: "plain", parts: "bad", after: "warning" } as const;

function HopTable({
  way,
  expected,
}: {
  readonly way: PathDetail["drawn"]["ways"][number];
  readonly expected: PathDetail["drawn"]["expected"];
}) {
  const t = useTexts(pathsTexts);
  const nearest = nearestExpected(way, expected);
  const words: Readonly<Record<HopRow["standing"], string>> = {
    same: t("hop-same"),
    open: t("hop-open"),
    parts: t("hop-parts", { wanted: way.wanted.join(", ") }),
    after: t("hop-after"),
  };
  return (
    <Stack gap={4} data-way={way.kind}>
      <Text size="sm" fw={600}>
        {t("flows", { flows: way.flows.join(", ") })}: {way.words}
      </Text>
      <WideTable
        label={`${t("drawn")}: ${t("flows", { flows: way.flows.join(", ") })}`}
        minWidth={420}
        head={[t("hop"), t("now"), t("expected-way"), t("standing")]}
      >
        {hopRows(way, nearest?.nodes ?? null).map(({ hop, now, expected: wanted, standing }) => (
          <Table.Tr key={hop} data-standing={standing}>
            <Table.Th scope="row">{hop}</Table.Th>
            <Table.Td>{now ?? "–"}</Table.Td>
            <Table.Td>{wanted ?? "–"}</Table.Td>
            <Table.Td>
              <Mark tone={TONES[standing]}>{words[standing]}</Mark>
            </Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}
