import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import type { EpeRow } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { destinationHistoryQuery, epeHistoryQuery } from "../network-queries.ts";
import { epeTexts } from "./epe.texts.ts";

/** What was switched, moved, taken back and found out, newest first. `of`: only of this destination. */
export function EpeHistory({ of }: { readonly of?: string }) {
  const t = useTexts(epeTexts);
  const format = useFormat();
  const history = useQuery(of === undefined ? epeHistoryQuery : destinationHistoryQuery(of));
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("history")}
      </Title>
      <Answer of={history}>
        {({ rows }) => {
          const shown = of === undefined ? rows : rows.filter(({ prefix }) => prefix === of);
          if (shown.length === 0) return <Text size="sm">{t("no-history")}</Text>;
          return (
            <WideTable label={t("history")} minWidth={640} head={[t("at"), t("destination"), t("what")]}>
              {shown.map((row) => (
                <Table.Tr key={row.id} data-epe={row.body.kind}>
                  <Table.Td>{format.time(row.at)}</Table.Td>
                  <Table.Td>{row.prefix === "" ? "–" : row.prefix}</Table.Td>
                  <Table.Td>
                    <What row={row} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </WideTable>
          );
        }}
      </Answer>
    </Stack>
  );
}

function What({ row: { body, prefix } }: { readonly row: EpeRow }) {
  const t = useTexts(epeTexts);
  const at = (key: string): string => (typeof body[key] === "string" ? body[key] : "");
  if (body.kind === "mode")
    return <>{`${at("who")}: ${at("mode")}${at("note") === "" ? "" : ` – ${at("note")}`}`}</>;
  if (body.kind === "move" || body.kind === "revert") {
    const words = Array.isArray(body["words"]) ? body["words"].map(String) : [];
    return (
      <>
        {at("node")}: {at("from") || "BGP"} → {at("to") || "BGP"} (
        {body["done"] === true ? t("done") : t("only-observed")}){" "}
        <Anchor
          component={Link}
          size="sm"
          href={`/noc/epe/explain?destination=${encodeURIComponent(prefix)}`}
          aria-label={`${t("plots")}: ${prefix}`}
        >
          {t("plots")}
        </Anchor>
        {words.slice(0, 3).map((line) => (
          <Text key={line} size="xs">
            {line}
          </Text>
        ))}
      </>
    );
  }
  if (body.kind === "alarm")
    return <>{`${at("node")}: ${at("object")}: ${at("reason")} (${at("change")})`}</>;
  const what = body["what"];
  const evidence =
    typeof what === "object" && what !== null && "evidence" in what ? String(what.evidence) : "";
  return <>{`${body.kind} ${evidence}`}</>;
}
