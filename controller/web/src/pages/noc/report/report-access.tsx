import { Table, Text } from "@mantine/core";
import type { EventReport } from "../../../../../src/core/report/model.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Section } from "../../../parts/section.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { reportTexts } from "./report.texts.ts";

export function ReportAccess({ access }: Pick<EventReport, "access">) {
  const t = useTexts(reportTexts);
  if (access === null)
    return (
      <Section title={t("access")}>
        <Text size="sm">{t("none")}</Text>
      </Section>
    );
  const { all, fresh, removed } = access.accounts;
  return (
    <Section title={t("access")}>
      <Text size="sm">{t("accounts", { all, fresh, removed })}</Text>
      <WideTable
        label={t("applications")}
        minWidth={480}
        head={[t("service"), t("made"), t("refused"), t("revoked"), t("living")]}
      >
        {access.applications.map((one) => (
          <Table.Tr key={one.service}>
            <Table.Th scope="row">{one.service}</Table.Th>
            <Table.Td>{one.made}</Table.Td>
            <Table.Td>{one.refused}</Table.Td>
            <Table.Td>{one.revoked}</Table.Td>
            <Table.Td>{one.living}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
      <WideTable
        label={t("prefixes")}
        minWidth={480}
        head={[t("service"), t("issued"), t("active"), t("revoked")]}
      >
        {access.prefixes.map((one) => (
          <Table.Tr key={one.service}>
            <Table.Th scope="row">{one.service}</Table.Th>
            <Table.Td>{one.issued.count}</Table.Td>
            <Table.Td>{one.active.count}</Table.Td>
            <Table.Td>{one.revoked.count}</Table.Td>
          </Table.Tr>
        ))}
      </WideTable>
    </Section>
  );
}
