import { Group, NativeSelect, Stack, Table, Text, TextInput, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams } from "wouter";
import { api } from "../../../api/client.ts";
import type { Project, ProjectFull } from "../../../api/types.ts";
import { useTexts } from "../../../i18n/i18n.ts";
import { Answer } from "../../../parts/answer.tsx";
import { Confirmed } from "../../../parts/confirmed.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { Page } from "../../../parts/page.tsx";
import { WideTable } from "../../../parts/wide-table.tsx";
import { projectQuery, projectsQuery } from "./access-queries.ts";
import { projectTexts } from "./project.texts.ts";
import { STATE_TONES } from "./projects.tsx";
import { Quotas } from "./quotas.tsx";

/** One project: who belongs to it, and how much it may have. */
export function ProjectPage() {
  const { name = "" } = useParams<{ name: string }>();
  const project = useQuery(projectQuery(name));
  const refreshes = [projectQuery(name).queryKey, projectsQuery.queryKey];
  const params = { path: { name } };
  return (
    <Page title={name} actions={project.data !== undefined && <StateActions project={project.data} />}>
      <Answer of={project}>
        {(data) => (
          <>
            <Standing project={data} />
            <Members project={data} />
            <Quotas
              quotas={data.quotas}
              refreshes={refreshes}
              set={(service, most) =>
                api.POST("/v1/projects/{name}/quota", {
                  params,
                  body: { service, ...(most === undefined ? {} : { most }) },
                })
              }
            />
          </>
        )}
      </Answer>
    </Page>
  );
}

function Standing({ project: { description, state, reason } }: { readonly project: ProjectFull }) {
  const t = useTexts(projectTexts);
  return (
    <Stack gap={4} role="status">
      <Mark tone={STATE_TONES[state]}>{t(`is-${state}`)}</Mark>
      {description !== "" && <Text size="sm">{description}</Text>}
      {reason !== "" && <Text size="sm">{reason}</Text>}
    </Stack>
  );
}

function StateActions({ project: { name, state } }: { readonly project: ProjectFull }) {
  const t = useTexts(projectTexts);
  const same = {
    needs: "access",
    refreshes: [projectQuery(name).queryKey, projectsQuery.queryKey],
  } as const;
  const to = (wanted: Project["state"]) => (reason: string) =>
    api.POST("/v1/projects/{name}/state", { params: { path: { name } }, body: { state: wanted, reason } });
  if (state === "removed") return null;
  return (
    <Group gap="xs">
      {state === "active" ? (
        <Confirmed {...same} isDangerous reason="must" label={t("suspend")} run={to("suspended")}>
          <Text>{t("suspend-sure")}</Text>
        </Confirmed>
      ) : (
        <Confirmed {...same} reason="may" label={t("resume")} run={to("active")}>
          <Text>{t("resume-sure")}</Text>
        </Confirmed>
      )}
      <Confirmed {...same} isDangerous reason="must" label={t("remove")} run={to("removed")}>
        <Text>{t("remove-sure")}</Text>
      </Confirmed>
    </Group>
  );
}

const ROLES = ["owner", "manager", "member"] as const;

function Members({ project: { name, members } }: { readonly project: ProjectFull }) {
  const t = useTexts(projectTexts);
  const [user, setUser] = useState("");
  const [role, setRole] = useState<(typeof ROLES)[number]>("member");
  const same = { needs: "access", refreshes: [projectQuery(name).queryKey] } as const;
  return (
    <Stack gap="xs">
      <Title order={2} size="h3">
        {t("members")}
      </Title>
      {members.length === 0 ? (
        <Text size="sm">{t("no-members")}</Text>
      ) : (
        <WideTable label={t("members")} minWidth={420} head={[t("member"), t("role"), t("what")]}>
          {members.map((member) => (
            <Table.Tr key={member.user} data-member={member.user}>
              <Table.Th scope="row">{member.user}</Table.Th>
              <Table.Td>{member.role}</Table.Td>
              <Table.Td>
                <Confirmed
                  {...same}
                  isDangerous
                  label={t("take-out")}
                  of={member.user}
                  run={() =>
                    api.DELETE("/v1/projects/{name}/members/{user}", {
                      params: { path: { name, user: member.user } },
                    })
                  }
                >
                  <Text>{t("take-out-sure")}</Text>
                </Confirmed>
              </Table.Td>
            </Table.Tr>
          ))}
        </WideTable>
      )}
      <div>
        <Confirmed
          {...same}
          label={t("add")}
          run={() =>
            api.POST("/v1/projects/{name}/members", {
              params: { path: { name } },
              body: { user: user.trim(), role },
            })
          }
          onDone={() => setUser("")}
        >
          <Text>{t("add-sure")}</Text>
          <TextInput
            label={t("user")}
            required
            maxLength={63}
            value={user}
            onChange={({ currentTarget }) => setUser(currentTarget.value)}
          />
          <NativeSelect
            label={t("role")}
            value={role}
            data={[...ROLES]}
            onChange={({ currentTarget: { value } }) =>
              setRole(ROLES.find((one) => one === value) ?? "member")
            }
          />
        </Confirmed>
      </div>
    </Stack>
  );
}
