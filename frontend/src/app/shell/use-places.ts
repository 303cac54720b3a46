import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch, useSelector } from "react-redux";
import { matchPath, useLocation } from "react-router";
import { problemOf } from "@/shared/api";
import { api } from "@/shared/api/inside";
import { botGone, botUsed } from "@/shared/recent-bots";
import { selectWorkspaceId, useSession, type WithSession, workspaceChosen } from "@/shared/session";
import { notify } from "@/shared/ui/toast";

/** A bot in a workspace that is not the one in use. */
const { useLazyBotElsewhereQuery } = api.injectEndpoints({
  endpoints: (build) => ({
    botElsewhere: build.query<string | null, { botId: string; workspaceIds: string[] }>({
      async queryFn({ botId, workspaceIds }, _api, _options, ask) {
        for (const id of workspaceIds) {
          const headers = { "X-Workspace-Id": id };
          const { error } = await ask({ url: `/api/v1/bots/${botId}`, headers });
          if (!error) return { data: id };
        }
        return { data: null };
      },
      keepUnusedDataFor: 0,
    }),
  }),
});

export function useBotId(): string | null {
  const { pathname } = useLocation();
  const id = matchPath("/bots/:botId/*", pathname)?.params.botId;
  return id && id !== "new" ? id : null;
}

/** What was chosen in this browser may be a workspace of somebody else, or one that was left. */
function useOwnWorkspace() {
  const dispatch = useDispatch();
  const { workspace, user } = useSession();
  const chosen = useSelector((state: WithSession) => selectWorkspaceId(state));
  const isForeign = Boolean(user && chosen && workspace?.id !== chosen);
  useEffect(() => {
    if (isForeign) dispatch(workspaceChosen(workspace?.id ?? null));
  }, [isForeign, workspace?.id, dispatch]);
  return !isForeign;
}

/**
 * An address tells the bot, not its workspace: where the one in use does not have it, the others of
 * this person are asked, and the one that has it is switched to. True while that is going on.
 */
export function useBotOfAnotherWorkspace(): boolean {
  const { t } = useTranslation("shell");
  const dispatch = useDispatch();
  const botId = useBotId();
  const isOwn = useOwnWorkspace();
  const { workspace, workspaces } = useSession();
  const { data, error } = api.useGetBotQuery({ botId: botId ?? "" }, { skip: !botId || !isOwn });
  const [find] = useLazyBotElsewhereQuery();
  const [searched, setSearched] = useState<string | null>(null);
  const others = workspaces.filter(({ id }) => id !== workspace?.id);
  const isMissing = problemOf(error)?.status === 404 && !data;
  const isToSearch = isMissing && others.length > 0 && searched !== botId;

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for a bot that is missing
  useEffect(() => {
    if (!botId || !isToSearch) return;
    void find({ botId, workspaceIds: others.map(({ id }) => id) }).then(({ data: found }) => {
      setSearched(botId);
      const there = others.find(({ id }) => id === found);
      if (!there) return;
      dispatch(workspaceChosen(there.id));
      notify.info(t("switched_workspace", { name: there.name }));
    });
  }, [botId, isToSearch]);

  useEffect(() => {
    if (!workspace || !botId) return;
    if (data?.id === botId) botUsed(workspace.id, botId);
    else if (isMissing) botGone(workspace.id, botId);
  }, [workspace, botId, data?.id, isMissing]);
  return isToSearch || !isOwn;
}
