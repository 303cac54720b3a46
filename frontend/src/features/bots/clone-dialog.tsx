import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Bot } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { Dialog } from "@/shared/ui/dialog";
import { recipeOf } from "./bot-file";
import { NAME_MOST, RecipeForm } from "./recipe-form";

export function CloneDialog({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const { t } = useTranslation("bots");
  const navigate = useNavigate();
  return (
    <Dialog isOpen title={t("clone_title", { name: bot.name })} onClose={onClose}>
      <RecipeForm
        recipe={recipeOf(bot)}
        name={t("clone_name", { name: bot.name }).slice(0, NAME_MOST)}
        action={t("clone_do")}
        onClose={onClose}
        onCreated={(id) => void navigate(paths.knowledge(id))}
      />
    </Dialog>
  );
}
