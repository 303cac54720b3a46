import {
  type ComponentProps,
  type ReactNode,
  type RefObject,
  useId,
  useRef,
  useState,
} from "react";
import type {
  MenuItemProps as AriaMenuItemProps,
  MenuSectionProps as AriaMenuSectionProps,
  MenuProps,
} from "react-aria-components/Menu";
import type { PopoverProps } from "react-aria-components/Popover";
import { ButtonContext } from "./button";
import { late } from "./late";

type Focus = "first" | "last" | null;

interface Props extends Omit<MenuProps<object>, "className" | "children"> {
  /** A Button. */
  trigger: ReactNode;
  placement?: PopoverProps["placement"];
  children: ReactNode;
}

export interface ListProps extends Omit<Props, "trigger"> {
  button: RefObject<HTMLButtonElement | null>;
  focus: Focus;
  onClose: () => void;
}

export interface MenuItemProps extends Omit<AriaMenuItemProps, "className" | "children"> {
  icon?: ReactNode;
  isDanger?: boolean;
  children: string;
}

export interface MenuSectionProps
  extends Omit<AriaMenuSectionProps<object>, "children" | "className"> {
  title: string;
  children: ReactNode;
}

let parts: typeof import("./menu-frame") | undefined;

async function frame() {
  parts = await import("./menu-frame");
  return parts;
}

const prepare = () => void frame().catch(() => undefined);
const List = late<ListProps>(() => frame().then((m) => m.List));

const OPENING: Record<string, Focus> = { ArrowDown: "first", ArrowUp: "last" };

/** A button (`trigger`) with a list of deeds or places, which is fetched when it is about to be wanted. */
export function Menu({ trigger, placement = "bottom end", children, ...props }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [buttonId, listId] = [useId(), useId()];
  const [opened, setOpened] = useState<{ focus: Focus }>();
  const forButton: ComponentProps<"button"> = {
    ref: button,
    id: buttonId,
    "aria-haspopup": "menu",
    "aria-expanded": Boolean(opened),
    "aria-controls": opened && listId,
    onPointerEnter: prepare,
    onFocus: prepare,
    // The keyboard's click has no place on the screen, and no count.
    onClick: ({ detail }) => setOpened({ focus: detail === 0 ? "first" : null }),
    onKeyDown: (event) => {
      const focus = OPENING[event.key];
      if (!focus) return;
      event.preventDefault();
      setOpened({ focus });
    },
  };
  const label = props["aria-label"] ? {} : { "aria-labelledby": buttonId };
  return (
    <>
      <ButtonContext value={forButton}>{trigger}</ButtonContext>
      {opened && (
        <List
          {...label}
          {...props}
          id={listId}
          button={button}
          focus={opened.focus}
          placement={placement}
          onClose={() => setOpened(undefined)}
        >
          {children}
        </List>
      )}
    </>
  );
}

// They are shown within a list alone, so they are there when it is.
export const MenuItem = (props: MenuItemProps) => parts && <parts.Item {...props} />;

export const MenuSection = (props: MenuSectionProps) => parts && <parts.Section {...props} />;

export const MenuSeparator = () => parts && <parts.Line />;
