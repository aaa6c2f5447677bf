import { Anchor, Table, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../../../api/client.ts";
import type { Project } from "../../../api/types.ts";
import { useFormat } from "../../../i18n/format.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark, type Tone } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { projectsQuery } from "./access-queries.ts";
import { projectTexts } from "./project.texts.ts";

export const STATE_TONES: Readonly<Record<Project["state"], Tone>> = {
  active: "good",
  suspended: "warning",
  removed: "plain",
};

/** Those in whose name users have something together. */
export function ProjectsPage() {
  const t = useTexts(projectTexts);
  const format = useFormat();
  const projects = useQuery(projectsQuery);
  return (
    <Page title={t("projects")} actions={<MakeProject />}>
      <Answer
        of={projects}
        isEmpty={(data) => data.projects.length === 0}
        empty={<Text>{t("no-projects")}</Text>}
      >
        {(data) => (
          <WideTable
            label={t("projects")}
            minWidth={640}
            head={[t("project"), t("description"), t("state"), t("created")]}
          >
            {data.projects.map(({ name, description, state, reason, createdAt }) => (
              <Table.Tr key={name} data-project={name}>
                <Table.Th scope="row">
                  <Anchor component={Link} href={`/noc/projects/${name}`}>
                    {name}
                  </Anchor>
                </Table.Th>
                <Table.Td>{description}</Table.Td>
                <Table.Td>
                  <Mark tone={STATE_TONES[state]}>{t(`is-${state}`)}</Mark>
                  {reason !== "" && <Text size="xs">{reason}</Text>}
                </Table.Td>
                <Table.Td>{format.time(createdAt)}</Table.Td>
              </Table.Tr>
            ))}
          </WideTable>
        )}
      </Answer>
    </Page>
  );
}

function MakeProject() {
  const t = useTexts(projectTexts);
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [owner, setOwner] = useState("");
  const field = (label: "name" | "description" | "owner", value: string, set: (text: string) => void) => (
    <TextInput
      label={t(label)}
      required={label === "name"}
      maxLength={256}
      value={value}
      onChange={({ currentTarget }) => set(currentTarget.value)}
    />
  );
  return (
    <Confirmed
      needs="access"
      label={t("make")}
      refreshes={[projectsQuery.queryKey]}
      run={() => {
        const whose = owner.trim() === "" ? {} : { owner: owner.trim() };
        return api.POST("/v1/projects", {
          body: { name: name.trim(), description: description.trim(), ...whose },
        });
      }}
      onDone={() => {
        setName("");
        setDescription("");
      }}
    >
      <Text>{t("make-sure")}</Text>
      {field("name", name, setName)}
      {field("description", description, setDescription)}
      {field("owner", owner, setOwner)}
    </Confirmed>
  );
}
