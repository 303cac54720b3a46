import { ChevronsUpDown } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { useNavigate } from "react-router";
import { paths } from "@/shared/paths";
import { useSession, workspaceChosen } from "@/shared/session";
import { Button, Skeleton } from "@/shared/ui";
import { Menu, MenuItem } from "@/shared/ui/menu";

/** The workspace in use; with more than one, a way to the others. */
export function WorkspaceSwitcher() {
  const { t } = useTranslation();
  const { workspace, workspaces } = useSession();
  const dispatch = useDispatch();
  const navigate = useNavigate();
  if (!workspace) return <Skeleton className="h-5 w-32" />;
  if (workspaces.length === 1) {
    return <span className="truncate px-2 text-sm font-medium">{workspace.name}</span>;
  }
  const choose = (id: string) => {
    dispatch(workspaceChosen(id));
    void navigate(paths.home);
  };
  return (
    <Menu
      aria-label={t("workspaces")}
      placement="bottom start"
      selectionMode="single"
      selectedKeys={[workspace.id]}
      disallowEmptySelection
      onAction={(key) => choose(String(key))}
      trigger={
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("switch_workspace", { name: workspace.name })}
          className="min-w-0"
        >
          <span className="truncate">{workspace.name}</span>
          <ChevronsUpDown aria-hidden className="size-4 shrink-0" />
        </Button>
      }
    >
      {workspaces.map(({ id, name }) => (
        <MenuItem key={id} id={id}>
          {name}
        </MenuItem>
      ))}
    </Menu>
  );
}
