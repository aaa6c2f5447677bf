import { Anchor, Table, Text } from "@mantine/core";
import { Link } from "wouter";
import type { EventReport, ReportIncident } from "../../../../../src/core/report/model.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Section } from "../../../parts/section.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { reportTexts } from "./report.texts.ts";

/** What went wrong, what was done about it, and by whom. */
export function ReportHappenings({ report }: { readonly report: EventReport }) {
  const t = useTexts(reportTexts);
  const { incidents, rollouts, epe, health, changes } = report;
  return (
    <>
      <Section title={t("health")}>
        {health === null ? (
          <Text size="sm">{t("health-none")}</Text>
        ) : (
          <WideTable
            label={t("health")}
            minWidth={400}
            head={[t("health-site"), t("health-layer"), t("health-bad")]}
          >
            {health.worst.map(({ site, layer, bad, poor, looked }) => (
              <Table.Tr key={`${site} ${layer}`}>
                <Table.Th scope="row">{site}</Table.Th>
                <Table.Td>{layer}</Table.Td>
                <Table.Td>
                  {bad}, {poor} / {looked}
                </Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Section>
      <Section title={t("incidents")}>
        <Incidents label={t("incidents")} shown={incidents.newest} />
      </Section>
      <Section title={t("rollouts")}>
        <Rollouts rollouts={rollouts} />
      </Section>
      <Section title={t("epe")}>
        {epe === null ? (
          <Text size="sm">{t("epe-none")}</Text>
        ) : (
          <>
            <Text size="sm">
              {t("epe-sum", {
                moves: epe.moves,
                takenBack: epe.takenBack,
                badPaths: epe.badPaths,
                onlyObserved: epe.onlyObserved,
              })}
            </Text>
            <Incidents label={t("epe")} shown={epe.newest} />
          </>
        )}
      </Section>
      <Section title={t("changes")}>
        <WideTable label={t("changes")} minWidth={320} head={[t("what"), t("count")]}>
          {changes.map(({ what, count }) => (
            <Table.Tr key={what} data-change={what}>
              <Table.Th scope="row">{what}</Table.Th>
              <Table.Td>{count}</Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      </Section>
    </>
  );
}

function Incidents({ label, shown }: { readonly label: string; readonly shown: readonly ReportIncident[] }) {
  const t = useTexts(reportTexts);
  const format = useFormat();
  if (shown.length === 0) return <Text size="sm">{t("none")}</Text>;
  return (
    <WideTable label={label} minWidth={480} head={[t("at"), t("level"), t("what")]}>
      {shown.map(({ at, level, what }) => (
        <Table.Tr key={`${at} ${what}`}>
          <Table.Td>{format.time(at)}</Table.Td>
          <Table.Td>{level}</Table.Td>
          <Table.Td>{what}</Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  );
}

function Rollouts({ rollouts }: Pick<EventReport, "rollouts">) {
  const t = useTexts(reportTexts);
  const format = useFormat();
  if (rollouts.length === 0) return <Text size="sm">{t("none")}</Text>;
  return (
    <WideTable label={t("rollouts")} minWidth={480} head={[t("rollout"), t("at"), t("what"), t("why")]}>
      {rollouts.map(({ id, from, to, stage, createdAt, why }) => (
        <Table.Tr key={id}>
          <Table.Th scope="row">
            <Anchor component={Link} href={`/noc/rollouts/${id}`}>
              {id}
            </Anchor>
          </Table.Th>
          <Table.Td>{format.time(createdAt)}</Table.Td>
          <Table.Td>
            {from} → {to}: {stage}
          </Table.Td>
          <Table.Td>{why ?? ""}</Table.Td>
        </Table.Tr>
      ))}
    </WideTable>
  );
}
