import { FileUp } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "@/shared/ui";
import { Dialog } from "@/shared/ui/dialog";
import { type FileFault, type Recipe, readBotFile } from "./bot-file";
import { RecipeForm } from "./recipe-form";

interface ImportDialogProps {
  onClose: () => void;
  onCreated: (id: string) => void;
}

interface ChooseProps {
  fault: FileFault | undefined;
  onChoose: (file: File) => void;
}

function Choose({ fault, onChoose }: ChooseProps) {
  const { t } = useTranslation("bots");
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className="flex flex-col items-start gap-5">
      {fault && <Notice tone="danger">{t(`import_${fault}`)}</Notice>}
      <p className="text-soft">{t("import_text")}</p>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        hidden
        onChange={({ target }) => {
          const file = target.files?.[0];
          target.value = ""; // the same file can be chosen again, once it was mended
          if (file) onChoose(file);
        }}
      />
      <Button variant={fault ? "secondary" : "primary"} onPress={() => input.current?.click()}>
        <FileUp aria-hidden className="size-4" />
        {fault ? t("import_choose_other") : t("import_choose")}
      </Button>
    </div>
  );
}

/** A bot from a file that was exported here or elsewhere. */
export function ImportDialog({ onClose, onCreated }: ImportDialogProps) {
  const { t } = useTranslation("bots");
  const [recipe, setRecipe] = useState<Recipe>();
  const [fault, setFault] = useState<FileFault>();
  const choose = async (file: File) => {
    const read = await readBotFile(file);
    if ("recipe" in read) setRecipe(read.recipe);
    else setFault(read.fault);
  };
  return (
    <Dialog isOpen title={t("import_title")} onClose={onClose}>
      {recipe ? (
        <RecipeForm
          recipe={recipe}
          name={recipe.name}
          action={t("import_do")}
          onClose={onClose}
          onCreated={onCreated}
        />
      ) : (
        <Choose fault={fault} onChoose={(file) => void choose(file)} />
      )}
    </Dialog>
  );
}
