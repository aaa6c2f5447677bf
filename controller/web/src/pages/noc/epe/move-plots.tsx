import { Card, SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { type MoveCourse, moveCourses, type PeerFigures } from "../../../model/move-course.ts";
import { LazyPlot } from "../../../parts/lazy-plot.tsx";
import type { PlotLine } from "../../../parts/plot.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { courseQuery, destinationHistoryQuery } from "../network-queries.ts";
import { epeTexts } from "./epe.texts.ts";

/** Of every move of a destination that is still kept: round trips and loss of the old and the new way out, before and after. */
export function MovePlots({ prefix }: { readonly prefix: string }) {
  const t = useTexts(epeTexts);
  const { data: course } = useQuery(courseQuery(prefix));
  const { data: history } = useQuery(destinationHistoryQuery(prefix));
  const moves = useMemo(
    () => (course === undefined || history === undefined ? undefined : moveCourses(course, history.rows)),
    [course, history],
  );
  if (moves === undefined) return null;
  return (
    <Stack gap="sm" component="section" aria-label={t("before-after")} data-moves={moves.length}>
      <Title order={2} size="h3">
        {t("before-after")}
      </Title>
      <Text size="sm" c="dimmed">
        {t("before-after-kept")}
      </Text>
      {moves.length === 0 && <Text size="sm">{t("no-moves-kept")}</Text>}
      {moves.map((move) => (
        <MovePlot key={`${move.id} ${move.node}`} move={move} />
      ))}
    </Stack>
  );
}

function linesOf(
  move: MoveCourse,
  values: "rttMs" | "lossPercent",
  t: (is: "old" | "new") => string,
): readonly PlotLine[] {
  return move.peers.map((peer) => ({
    name: `${t(peer.is)}: ${peer.peer}`,
    values: peer[values],
    colour: peer.is === "old" ? "#8f6b00" : "#2f77d0",
    ...(peer.is === "old" ? { dash: [6, 4] } : {}),
  }));
}

function MovePlot({ move }: { readonly move: MoveCourse }) {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const title = `${format.time(move.at)}, ${move.headend}: ${t("seen-by", { node: move.node })}`;
  const rtt = useMemo(() => linesOf(move, "rttMs", t), [move, t]);
  const loss = useMemo(() => linesOf(move, "lossPercent", t), [move, t]);
  const figure = (value: number | undefined, unit: string): string =>
    value === undefined ? "–" : `${format.number(Math.round(value * 10) / 10)} ${unit}`;
  const both = ({ rttMs, lossPercent }: PeerFigures): string =>
    `${figure(rttMs, "ms")}, ${figure(lossPercent, "%")}`;
  return (
    <Card withBorder data-move={move.id}>
      <Stack gap="xs">
        <Title order={3} size="h4">
          {title} {move.done ? "" : `(${t("only-observed")})`}
        </Title>
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <LazyPlot
            label={`${t("rtt")}: ${title}`}
            x={move.minutes}
            lines={rtt}
            xLabel={t("minutes-since")}
            yLabel={t("rtt")}
            markAt={0}
          />
          <LazyPlot
            label={`${t("loss-percent")}: ${title}`}
            x={move.minutes}
            lines={loss}
            xLabel={t("minutes-since")}
            yLabel={t("loss-percent")}
            markAt={0}
          />
        </SimpleGrid>
        <WideTable label={title} minWidth={420} head={[t("peer"), t("before"), t("after"), t("cycles-each")]}>
          {move.peers.map((peer) => (
            <Table.Tr key={peer.is} data-peer-moved={peer.is}>
              <Table.Th scope="row">
                {t(peer.is)}: {peer.peer}
              </Table.Th>
              <Table.Td>{both(peer.before)}</Table.Td>
              <Table.Td>{both(peer.after)}</Table.Td>
              <Table.Td>
                {peer.before.cycles} / {peer.after.cycles}
              </Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      </Stack>
    </Card>
  );
}
