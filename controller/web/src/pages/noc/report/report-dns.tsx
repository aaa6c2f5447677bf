import { Table, Text } from "@mantine/core";
import { useMemo } from "react";
import type { EventReport } from "../../../../../src/core/report/model.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { LazyPlot } from "../../../parts/lazy-plot.tsx";
import { Section } from "../../../parts/section.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { reportTexts } from "./report.texts.ts";

type Dns = NonNullable<EventReport["dns"]>;

export function ReportDns({ dns }: Pick<EventReport, "dns">) {
  const t = useTexts(reportTexts);
  return (
    <Section title={t("dns")}>
      {dns === null ? <Text size="sm">{t("dns-none")}</Text> : <Captured dns={dns} />}
    </Section>
  );
}

function Captured({ dns }: { readonly dns: Dns }) {
  const t = useTexts(reportTexts);
  const format = useFormat();
  const plot = useMemo(() => {
    const rate = (of: (one: Dns["series"][number]) => number) =>
      dns.series.map((one) => of(one) / Math.max(1, dns.stepS));
    return {
      x: dns.series.map(({ startMs }) => startMs / 1000),
      lines: [
        { name: t("a"), values: rate(({ a }) => a), colour: "#e8590c", dash: [8, 4] },
        { name: t("aaaa"), values: rate(({ aaaa }) => aaaa), colour: "#4c6ef5" },
        { name: t("native"), values: rate(({ native }) => native), colour: "#2f9e44", dash: [2, 3] },
        {
          name: t("translated"),
          values: rate(({ translated }) => translated),
          colour: "#ae3ec9",
          dash: [12, 3, 3, 3],
        },
      ],
    };
  }, [dns, t]);
  const share =
    dns.translatedShare === null ? "–" : `${format.number(Math.round(dns.translatedShare * 1000) / 10)} %`;
  return (
    <>
      <Text size="sm">
        {t("dns-sum", { questions: format.number(dns.questions), aaaa: format.number(dns.aaaa), share })}
      </Text>
      <LazyPlot
        label={t("dns-alt")}
        x={plot.x}
        lines={plot.lines}
        xLabel={t("time")}
        yLabel={t("per-second")}
        isTime
      />
      <WideTable label={t("names")} minWidth={480} head={[t("name"), t("a"), t("aaaa"), t("translated")]}>
        {dns.withoutAaaa.map(({ name, a, aaaa, translated }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
              {name}
            </Table.Th>
            <Table.Td>{format.number(a)}</Table.Td>
            <Table.Td>{format.number(aaaa)}</Table.Td>
            <Table.Td>{format.number(translated)}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </>
  );
}
