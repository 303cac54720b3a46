import { ChevronDown, ClipboardPaste, FileUp, FolderUp, Globe, Network } from "lucide-react";
import { type RefObject, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { Menu, MenuItem } from "@/shared/ui/menu";
import { chosenFiles } from "./dropped-files";

export type AddBy = "url" | "site" | "text";

interface AddProps {
  onFiles: (files: File[]) => void;
  onAddBy: (way: AddBy) => void;
}

interface PickerProps {
  input: RefObject<HTMLInputElement | null>;
  isFolder?: boolean;
  onFiles: (files: File[]) => void;
}

/** The browser's own dialog; the button that opens it stands elsewhere. */
function Picker({ input, isFolder, onFiles }: PickerProps) {
  return (
    <input
      ref={input}
      hidden
      multiple
      type="file"
      {...(isFolder && { webkitdirectory: "" })}
      onChange={({ currentTarget }) => {
        onFiles(chosenFiles(currentTarget.files));
        currentTarget.value = ""; // the same file can be chosen again
      }}
    />
  );
}

export function ChooseFiles({ onFiles }: Pick<AddProps, "onFiles">) {
  const { t } = useTranslation("knowledge");
  const files = useRef<HTMLInputElement>(null);
  return (
    <>
      <Picker input={files} onFiles={onFiles} />
      <Button onPress={() => files.current?.click()}>
        <FileUp aria-hidden className="size-4" />
        {t("add_files")}
      </Button>
    </>
  );
}

/** Files are the usual; every other way is behind one button. */
export function AddButtons({ onFiles, onAddBy }: AddProps) {
  const { t } = useTranslation("knowledge");
  const folder = useRef<HTMLInputElement>(null);
  const icon = "size-4";
  return (
    <>
      <Picker isFolder input={folder} onFiles={onFiles} />
      <Menu
        aria-label={t("add_more")}
        trigger={
          <Button variant="secondary">
            {t("add_more")}
            <ChevronDown aria-hidden className={icon} />
          </Button>
        }
      >
        <MenuItem icon={<Globe aria-hidden className={icon} />} onAction={() => onAddBy("url")}>
          {t("add_url")}
        </MenuItem>
        <MenuItem icon={<Network aria-hidden className={icon} />} onAction={() => onAddBy("site")}>
          {t("add_site")}
        </MenuItem>
        <MenuItem
          icon={<ClipboardPaste aria-hidden className={icon} />}
          onAction={() => onAddBy("text")}
        >
          {t("add_text")}
        </MenuItem>
        <MenuItem
          icon={<FolderUp aria-hidden className={icon} />}
          onAction={() => folder.current?.click()}
        >
          {t("add_folder")}
        </MenuItem>
      </Menu>
      <ChooseFiles onFiles={onFiles} />
    </>
  );
}
