import { Check } from "lucide-react";
import { Header } from "react-aria-components/Header";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuSection as AriaMenuSection,
} from "react-aria-components/Menu";
import { Popover } from "react-aria-components/Popover";
import { Separator } from "react-aria-components/Separator";
import { classes } from "./classes";
import type { ListProps, MenuItemProps, MenuSectionProps } from "./menu";
import { itemStyles, popoverStyles } from "./popover-styles";

/** The list that a menu's button opens. */
export function List({ button, focus, placement, onClose, children, ...props }: ListProps) {
  return (
    <Popover
      isOpen
      onOpenChange={(open) => !open && onClose()}
      triggerRef={button}
      trigger="MenuTrigger"
      placement={placement}
      aria-label={props["aria-label"]}
      aria-labelledby={props["aria-labelledby"]}
      className={popoverStyles}
    >
      <AriaMenu {...props} autoFocus={focus ?? true} onClose={onClose} className="outline-none">
        {children}
      </AriaMenu>
    </Popover>
  );
}

export function Item({ icon, isDanger, children, ...props }: MenuItemProps) {
  return (
    <AriaMenuItem
      {...props}
      textValue={children}
      className={classes(itemStyles, isDanger && "text-danger")}
    >
      {({ isSelected }) => (
        <>
          {icon}
          <span className="grow">{children}</span>
          {isSelected && <Check aria-hidden className="size-4 text-accent" />}
        </>
      )}
    </AriaMenuItem>
  );
}

export function Section({ title, children, ...props }: MenuSectionProps) {
  return (
    <AriaMenuSection {...props}>
      <Header className="px-2.5 pt-2 pb-1 text-xs font-medium text-faint">{title}</Header>
      {children}
    </AriaMenuSection>
  );
}

export function Line() {
  return <Separator className="my-1 h-px bg-line" />;
}
