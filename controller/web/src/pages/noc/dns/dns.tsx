import { NativeSelect, Stack, Table, Text, Title } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { api, dataOf } from "../../../api/client.ts";
import { useMay } from "../../../api/queries.ts";
import type { DnsOutcomes } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { courseOf, outcomeShares } from "../../../model/dns-figures.ts";
import { Answer } from "../../../parts/answer.tsx";
import { LazyPlot } from "../../../parts/lazy-plot.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { dnsTexts } from "./dns.texts.ts";

const HOUR_MS = 3_600_000;
const SPANS_H = [1, 6, 24, 168] as const;
const FRESH_MS = 60_000;

const dnsStatusQuery = queryOptions({
  queryKey: ["dns-status"],
  queryFn: () => dataOf(api.GET("/v1/dns/status")),
  refetchInterval: FRESH_MS,
});

const outcomesQuery = (hours: number) =>
  queryOptions({
    queryKey: ["dns-outcomes", String(hours)],
    queryFn: () =>
      dataOf(api.GET("/v1/dns/outcomes", { params: { query: { fromMs: Date.now() - hours * HOUR_MS } } })),
    refetchInterval: FRESH_MS,
  });

type By = "all" | "ipv4" | "ready";

const topQuery = (hours: number, by: By) =>
  queryOptions({
    queryKey: ["dns-top", String(hours), by],
    queryFn: () =>
      dataOf(
        api.GET("/v1/dns/top", {
          params: { query: { fromMs: Date.now() - hours * HOUR_MS, kind: "name", by, limit: 50 } },
        }),
      ),
  });

/** What was captured of DNS: how much, what became of it, and, for who may see names, which. */
export function DnsPage() {
  const t = useTexts(dnsTexts);
  const status = useQuery(dnsStatusQuery);
  const [search, setSearch] = useSearchParams();
  const hours = SPANS_H.find((one) => String(one) === search.get("hours")) ?? 1;
  const mayNames = useMay("dns");
  const format = useFormat();
  return (
    <Page title={t("title")}>
      <Answer of={status} isEmpty={({ captured }) => !captured} empty={<Text>{t("none")}</Text>}>
        {({ pairs, missingPairs, gaps }) => (
          <>
            <Text size="sm">
              {t("pairs", { count: format.number(pairs), missing: format.number(missingPairs) })}
              {gaps.length > 0 && ` · ${t("gaps", { count: gaps.length })}`}
            </Text>
            <NativeSelect
              label={t("span")}
              value={String(hours)}
              data={SPANS_H.map((one) => ({ value: String(one), label: t("in-hours", { count: one }) }))}
              onChange={({ currentTarget }) => setSearch({ hours: currentTarget.value }, { replace: true })}
            />
            <Totals hours={hours} />
            {mayNames && <TopNames hours={hours} />}
          </>
        )}
      </Answer>
    </Page>
  );
}

function Totals({ hours }: { readonly hours: number }) {
  const outcomes = useQuery(outcomesQuery(hours));
  return (
    <Answer of={outcomes}>
      {(data) => (
        <>
          <Course outcomes={data} span={hours} />
          <Outcomes outcomes={data} />
        </>
      )}
    </Answer>
  );
}

function Course({ outcomes, span }: { readonly outcomes: DnsOutcomes; readonly span: number }) {
  const t = useTexts(dnsTexts);
  const plot = useMemo(() => {
    const { timeS, all, a, aaaa } = courseOf(outcomes);
    return {
      x: timeS,
      lines: [
        { name: t("all"), values: all, colour: "#868e96" },
        { name: t("a"), values: a, colour: "#e8590c", dash: [8, 4] },
        { name: t("aaaa"), values: aaaa, colour: "#4c6ef5", dash: [2, 3] },
      ],
    };
  }, [outcomes, t]);
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("course-title")}
      </Title>
      <LazyPlot
        label={t("course-alt", { span: t("in-hours", { count: span }) })}
        x={plot.x}
        lines={plot.lines}
        xLabel={t("time")}
        yLabel={t("per")}
        isTime
      />
    </Stack>
  );
}

function Outcomes({ outcomes: { total } }: { readonly outcomes: DnsOutcomes }) {
  const t = useTexts(dnsTexts);
  const format = useFormat();
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("outcomes")}
      </Title>
      <WideTable label={t("outcomes")} minWidth={320} head={[t("outcome"), t("count"), t("share")]}>
        {outcomeShares(total).map(({ outcome, count, share }) => (
          <Table.Tr key={outcome} data-outcome={outcome}>
            <Table.Th scope="row">{t(outcome)}</Table.Th>
            <Table.Td>{format.number(count)}</Table.Td>
            <Table.Td>{format.number(Math.round(share * 1000) / 10)} %</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Stack>
  );
}

function TopNames({ hours }: { readonly hours: number }) {
  const t = useTexts(dnsTexts);
  const format = useFormat();
  const [by, setBy] = useState<By>("all");
  const top = useQuery(topQuery(hours, by));
  const choices = [
    { value: "all", label: t("names-by-all") },
    { value: "ipv4", label: t("names-by-ipv4") },
    { value: "ready", label: t("names-by-ready") },
  ] as const;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("names")}
      </Title>
      <NativeSelect
        label={t("names-by")}
        value={by}
        data={choices.map((one) => ({ ...one }))}
        onChange={({ currentTarget: { value } }) =>
          setBy(choices.find((one) => one.value === value)?.value ?? "all")
        }
      />
      <Answer of={top} isEmpty={({ rows }) => rows.length === 0}>
        {({ rows }) => (
          <WideTable
            label={t("names")}
            minWidth={480}
            head={[t("name"), t("all"), t("a"), t("aaaa"), t("native")]}
          >
            {rows.map(({ key, tally }) => (
              <Table.Tr key={key} data-name={key}>
                <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
                  {key}
                </Table.Th>
                {["pairs", "a", "aaaa", "native"].map((what) => (
                  <Table.Td key={what}>{format.number(tally[what] ?? 0)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Answer>
    </Stack>
  );
}
