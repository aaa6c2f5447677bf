import { SimpleGrid, Stack, Table, Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { coursesOf, type Look, type MetricCourse, type MetricFigures } from "../../../model/judge-figures.ts";
import { LazyPlot } from "../../../parts/lazy-plot.tsx";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { rolloutTexts } from "./rollout.texts.ts";

/** What the judge compared: its newest look as a table, and how the differences went. */
export function JudgeFigures({ looks }: { readonly looks: readonly Look[] }) {
  const t = useTexts(rolloutTexts);
  const newest = looks.at(-1);
  const courses = useMemo(() => coursesOf(looks), [looks]);
  return (
    <Stack component="section" aria-label={t("judge")} gap="xs">
      <Title order={2} size="h3">
        {t("judge")}
      </Title>
      {newest === undefined || newest.metrics.length === 0 ? (
        <Text size="sm">{t("no-figures")}</Text>
      ) : (
        <>
          <WideTable
            label={t("judge")}
            minWidth={720}
            head={[
              t("metric"),
              t("result"),
              t("new"),
              t("old"),
              t("difference"),
              t("range"),
              t("limit"),
              t("why"),
            ]}
          >
            {newest.metrics.map((metric) => (
              <MetricRow key={metric.metric} metric={metric} />
            ))}
          </WideTable>
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {courses.map((course) => (
              <CoursePlot key={course.metric} course={course} />
            ))}
          </SimpleGrid>
        </>
      )}
    </Stack>
  );
}

const TONES: Readonly<Record<string, Tone>> = { pass: "good", fail: "bad", hold: "warning" };

function MetricRow({
  metric: { metric, isCritical, result, why, compared },
}: {
  readonly metric: MetricFigures;
}) {
  const t = useTexts(rolloutTexts);
  const format = useFormat();
  const words: Readonly<Record<string, string>> = {
    pass: t("result-pass"),
    fail: t("result-fail"),
    hold: t("result-hold"),
    absent: t("result-absent"),
  };
  const figure = (value: number | undefined): string => {
    if (compared === undefined || value === undefined || Number.isNaN(value)) return "–";
    return compared.unit === "ms" ? `${format.number(value)} ms` : `${format.number(100 * value)} %`;
  };
  return (
    <Table.Tr data-metric={metric}>
      <Table.Th scope="row">
        {metric}
        {isCritical && ` (${t("critical")})`}
      </Table.Th>
      <Table.Td>
        <Mark tone={TONES[result] ?? "plain"}>{words[result] ?? result}</Mark>
      </Table.Td>
      <Table.Td>{figure(compared?.candidate)}</Table.Td>
      <Table.Td>{figure(compared?.reference)}</Table.Td>
      <Table.Td>{figure(compared?.difference)}</Table.Td>
      <Table.Td>
        {compared === undefined ? "–" : `${figure(compared.lower)} … ${figure(compared.upper)}`}
      </Table.Td>
      <Table.Td>{figure(compared?.limit)}</Table.Td>
      <Table.Td maw={280}>{why}</Table.Td>
    </Table.Tr>
  );
}

function CoursePlot({ course }: { readonly course: MetricCourse }) {
  const t = useTexts(rolloutTexts);
  const title = t("metric-course", { metric: course.metric });
  const lines = useMemo(() => {
    const scale = course.unit === "ms" ? 1 : 100;
    const by = (values: readonly number[]) =>
      values.map((value) => (Number.isNaN(value) ? null : value * scale));
    return [
      { name: t("difference"), values: by(course.difference), colour: "#4c6ef5" },
      { name: `${t("range")} ↓`, values: by(course.lower), colour: "#868e96", dash: [3, 3] },
      { name: `${t("range")} ↑`, values: by(course.upper), colour: "#868e96", dash: [3, 3] },
      { name: t("limit"), values: by(course.limit), colour: "#e03131", dash: [10, 4] },
    ];
  }, [course, t]);
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {title}
      </Title>
      <LazyPlot
        label={title}
        x={course.ageS}
        lines={lines}
        xLabel={t("age-axis")}
        yLabel={course.unit === "ms" ? `${t("difference-axis")}, ms` : t("loss-axis")}
      />
    </Stack>
  );
}
