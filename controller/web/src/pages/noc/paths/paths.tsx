import { Anchor, Stack, Table, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "wouter";
import { useRefreshOn } from "../../../api/queries.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { pathsQuery } from "../network-queries.ts";
import { Level } from "./level.tsx";
import { PathEvents } from "./path-events.tsx";
import { expectedQuery } from "./path-queries.ts";
import { pathsTexts } from "./paths.texts.ts";

/** Every watched path: as expected or not, and what was seen. */
export function PathsPage() {
  const t = useTexts(pathsTexts);
  const format = useFormat();
  const paths = useQuery(pathsQuery);
  const expected = useQuery(expectedQuery);
  useRefreshOn(pathsQuery.queryKey, ["path"]);
  return (
    <Page title={t("title")}>
      {expected.data !== undefined && (
        <Text size="sm">{t("expected", { file: expected.data.file, revision: expected.data.revision })}</Text>
      )}
      <Answer
        of={paths}
        isEmpty={(data) => data.paths.length === 0}
        empty={<Text>{t("expected-none")}</Text>}
      >
        {(data) => (
          <WideTable
            label={t("title")}
            minWidth={640}
            head={[t("path"), t("level"), t("state"), t("planes"), t("since")]}
          >
            {data.paths.map((path) => (
              <Table.Tr key={`${path.source} ${path.target}`} data-path={`${path.source} ${path.target}`}>
                <Table.Th scope="row">
                  <Anchor
                    component={Link}
                    href={`/noc/paths/one?source=${encodeURIComponent(path.source)}&target=${encodeURIComponent(path.target)}`}
                  >
                    {path.source} → {path.target}
                  </Anchor>
                </Table.Th>
                <Table.Td>
                  <Level level={path.current?.level} />
                </Table.Td>
                <Table.Td>{path.current?.words ?? ""}</Table.Td>
                <Table.Td>{path.current?.planes.join(", ") ?? "–"}</Table.Td>
                <Table.Td>{path.since === null ? "–" : format.time(path.since)}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Answer>
      <Stack gap="xs">
        <Title order={2} size="h3">
          {t("history")}
        </Title>
        <PathEvents />
      </Stack>
    </Page>
  );
}
