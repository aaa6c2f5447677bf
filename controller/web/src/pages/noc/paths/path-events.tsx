import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRefreshOn } from "../../../api/queries.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { Level } from "./level.tsx";
import { type PathName, pathEventsQuery } from "./path-queries.ts";
import { pathsTexts } from "./paths.texts.ts";

/** What was seen of paths, with the change that most likely caused it; of all, or of one. */
export function PathEvents({ of }: { readonly of?: PathName }) {
  const t = useTexts(pathsTexts);
  const format = useFormat();
  const query = pathEventsQuery(of);
  const events = useQuery(query);
  useRefreshOn(query.queryKey, ["path"]);
  return (
    <Answer
      of={events}
      isEmpty={(data) => data.events.length === 0}
      empty={<Text size="sm">{t("no-events")}</Text>}
    >
      {(data) => (
        <WideTable
          label={t("history")}
          minWidth={720}
          head={[t("at"), t("path"), t("level"), t("kind"), t("cause")]}
        >
          {data.events.map((event) => (
            <Table.Tr key={event.id}>
              <Table.Td>{format.time(event.at)}</Table.Td>
              <Table.Td>
                {event.source} → {event.target}
              </Table.Td>
              <Table.Td>
                <Level level={event.level} />
              </Table.Td>
              <Table.Td>
                {event.kind}: {event.after.words}
                {event.withheld !== null && <Text size="xs">{t("withheld", { why: event.withheld })}</Text>}
              </Table.Td>
              <Table.Td>{event.likely ?? "–"}</Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      )}
    </Answer>
  );
}
